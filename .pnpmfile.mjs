// The npm packages that carry a Node binary write "os" and "cpu" as strings and
// name no libc. pnpm wants lists; without them it would link the glibc binary
// on macOS and Alpine too. The lockfile keeps what is set here.
const list = value => (value === undefined || Array.isArray(value) ? value : [value]);

export const hooks = {
  readPackage(pkg) {
    if (/^node-(linux|darwin|win)-/.test(pkg.name ?? '')) {
      pkg.os = list(pkg.os);
      pkg.cpu = list(pkg.cpu);
      if (pkg.name.startsWith('node-linux-')) pkg.libc = ['glibc'];
    }
    return pkg;
  },
};
