#!/usr/bin/env bash
# Builds the Dockerfile for real without a registry, runs the image as a cluster would, and prints its size.
#
#   apt-get install -y --no-install-recommends buildah mmdebstrap   # Debian
#   npm ci && sudo test/image/build.sh                              # about three minutes; needs npm's registry and Debian's
#
# The base is made here (a Debian root with the Node that `npm ci` brought and this machine's npm and certificates),
# because no public image is needed to know whether the Dockerfile works. It is no part of `npm test`.
# AFK_IMAGE_WORK names a directory that keeps the base between two calls.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
if [[ -n ${AFK_IMAGE_WORK:-} ]]; then
  work=$AFK_IMAGE_WORK
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
store() { buildah --root "$work/store" --runroot "$work/run" "$@"; }
size_of() { store inspect --type image --format '{{.FromImageID}}' "$1" > "$work/id" && store images --no-trunc --format '{{.Size}}' "$1"; }

if [[ ! -e $work/rootfs.tar ]]; then
  mmdebstrap --quiet --variant=essential --include=ca-certificates,libstdc++6 bookworm "$work/rootfs.tar"
fi
context=$work/base
mkdir -p "$context"
ln -f "$work/rootfs.tar" "$context/rootfs.tar"
cp "$repository/node_modules/node/bin/node" "$context/node"
npm_directory=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
rm -rf "$context/npm" && cp -rL "$npm_directory" "$context/npm"
cp /etc/ssl/certs/ca-certificates.crt "$context/ca-certificates.crt"
cat > "$context/Dockerfile" <<'BASE'
FROM scratch
ADD rootfs.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/npm
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm
BASE
store bud --quiet --pull-never --tag localhost/afk-base:test "$context"
store bud --pull-never --build-arg BASE=localhost/afk-base:test --tag localhost/afk:test "$repository"

echo "--- sizes"
store images --format '{{.Name}}:{{.Tag}} {{.Size}}'

# Runs a command in the image as uid 65532; nothing in the root may be writable for it.
container=$(store from --pull-never localhost/afk:test)
run() { store run --user 65532:65532 "$container" -- "$@"; }
echo "--- a tick as it ships"
run node /app/bin/afk.js poll --dry-run
echo "--- the version"
run node /app/bin/afk.js --version
echo "--- what uid 65532 could write, besides the world's temporary directories"
run sh -c 'find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp -o -path /run/lock -o -path /var/lock \) -prune -o -writable ! -type l -print'
