import { permission, permissionOfModel, unsupported } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Azure OpenAI: deployments belong to the resource behind the key. */
export const azure: readonly Rule[] = [
  { is: permissionOfModel, code: /\bdeployment_not_found\b/ },
  { is: permissionOfModel, status: /404/, text: /resource not found|deployment/ },
  { is: unsupported, code: /\boperation_not_supported\b/ },
  // An identity without the role: the credentials are good.
  { is: permission, status: /401/, code: /\bpermission_denied\b/ },
];
