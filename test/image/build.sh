#!/usr/bin/env bash
# Builds the Dockerfile for real without a registry of images, runs the image as a cluster would, and prints its size.
#
#   apt-get install -y --no-install-recommends buildah podman runc mmdebstrap   # Debian
#   npm ci && sudo test/image/build.sh          # about three minutes; needs the registries of npm and Debian
#
# The base is made here (a small Debian with the Node that `npm ci` brought, this machine's npm and certificates),
# because no public image is needed to know whether the Dockerfile works. It is no part of `npm test`.
# AFK_IMAGE_WORK names a directory that keeps the base from one call to the next.
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

buildah_here() { buildah --root "$work/store" --runroot "$work/run" "$@"; }
podman_here() {
  podman --root "$work/podman" --runroot "$work/podman-run" --storage-driver vfs \
    --cgroup-manager cgroupfs --runtime runc "$@"
}

base=$work/base
mkdir -p "$base"
if [[ ! -e $base/rootfs.tar ]]; then
  mmdebstrap --quiet --variant=essential --include=ca-certificates,libstdc++6 bookworm "$work/rootfs.tar"
  mv "$work/rootfs.tar" "$base/rootfs.tar"
fi
cp "$repository/node_modules/node/bin/node" "$base/node"
rm -rf "$base/npm"
cp -rL "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$base/npm"
cp /etc/ssl/certs/ca-certificates.crt "$base/ca-certificates.crt"
cat > "$base/Dockerfile" <<'BASE'
FROM scratch
ADD rootfs.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/npm
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm
BASE
buildah_here bud --quiet --pull-never --tag localhost/afk-base:test "$base"
buildah_here bud --pull-never --build-arg BASE=localhost/afk-base:test --tag localhost/afk:test "$repository"

echo "--- sizes"
buildah_here images --format '{{.Name}}:{{.Tag}} {{.Size}}' | grep :test

rm -f "$work/afk.tar"
buildah_here push --quiet localhost/afk:test "oci-archive:$work/afk.tar:localhost/afk:test"
podman_here load --quiet --input "$work/afk.tar"
# As the CronJobs run it: another user, nothing writable but /tmp, no capability, no new privileges. Without a network,
# because nothing that is asked for here needs one.
run() {
  podman_here run --rm --pull never --network none --user 65532:65532 --read-only --read-only-tmpfs=false \
    --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "$@"
}
echo "--- what the image does by itself: a dry run as it ships, disabled"
run localhost/afk:test
echo "--- its version"
run localhost/afk:test --version
echo "--- a tick that is armed and reaches nothing: exit code 3"
code=0
run --env KUBERNETES_SERVICE_HOST=10.0.0.1 --env AFK_KILL_SWITCH=false --env AFK_ALLOWLIST=acme/shop \
  --env AFK_TRACKER=github --env AFK_EXECUTOR=t3 --env AFK_CI=github --env AFK_GITHUB_TOKEN=none \
  --env AFK_T3_URL=https://t3.example --env AFK_T3_TOKEN=none --env AFK_STATE_KEY=none \
  localhost/afk:test poll || code=$?
[[ $code == 3 ]] || { echo "expected exit code 3, got $code" >&2; exit 1; }
echo "--- nothing of the root can be written"
for path in / /app /app/dist /etc /var/tmp /home; do
  run --entrypoint sh localhost/afk:test -c "! touch $path/x 2>/dev/null" || { echo "$path can be written" >&2; exit 1; }
done
echo "the image is good"
