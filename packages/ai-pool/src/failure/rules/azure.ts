import { permission, permissionOfModel } from '../outcomes.ts';
import type { Rule } from './rule.ts';

/** Azure OpenAI: deployments belong to the resource behind the key. */
export const azure: readonly Rule[] = [
  { is: permissionOfModel, status: /404/, text: /resource not found|deployment/ },
  // An identity without the role: the credentials are good.
  { is: permission, status: /401/, code: /permission denied/ },
];
