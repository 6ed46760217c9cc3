#!/usr/bin/env bash
# Publishes the image, brings the composition up, disturbs it and takes it down: docker-compose and podman, in storage of its own.
# This machine's own libraries stand in for the base image.
. "$(dirname "$0")/../test-lib.sh"

if have docker-compose; then
  check "docker-compose config" env LOCKSTEP_USER=1654:1654 docker-compose --file "$here/compose.yaml" config
else
  skip "docker-compose config: no docker-compose (Debian: apt-get install docker-compose)"
fi
for program in dotnet podman buildah runc docker-registry docker-compose /usr/lib/podman/netavark /usr/lib/podman/aardvark-dns; do
  have "$program" || { skip "the containers: no $program (Debian: apt-get install podman buildah runc netavark aardvark-dns docker-registry docker-compose)"; finish; exit; }
done
[ "$(id -u)" -eq 0 ] || { skip "the containers: needs root"; finish; exit; }

services=()
compose() { DOCKER_HOST="unix://$work/podman.sock" docker-compose --project-name lockstep-test --project-directory "$work/project" --file "$work/project/compose.yaml" "$@"; }
podman_() { podman --root "$work/store" --runroot "$work/runroot" --network-config-dir "$work/networks" --storage-driver vfs --cgroup-manager cgroupfs "$@"; }
buildah_() { buildah --root "$work/store" --runroot "$work/runroot" --storage-driver vfs "$@"; }
clean_up() {
  podman_ rm --all --force --time 0 >/dev/null 2>&1
  podman_ network prune --force >/dev/null 2>&1
  for process in "${services[@]}"; do kill "$process" 2>/dev/null; wait "$process" 2>/dev/null; done
  umount "$work/store"/*/* 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT

# For machines without systemd, and whose root may not raise limits.
cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
events_logger = "file"
[network]
network_backend = "netavark"
CONF
export CONTAINERS_CONF=$work/containers.conf

# What runtime-deps:10.0-noble-chiseled has: libraries, a user, no shell.
base=$work/base
mkdir -p "$base/etc" "$base/tmp" "$base/usr" && chmod 1777 "$base/tmp"
for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libnss_files.so.2 libnss_dns.so.2 libgcc_s.so.1 libstdc++.so.6 libssl.so.3 libcrypto.so.3 libz.so.1; do
  path=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
  [ -z "$path" ] || cp -L --parents "$path" "$base/"
done
for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
  [ ! -e "$loader" ] || cp -L --parents "$loader" "$base/"
done
echo 'app:x:1654:1654::/home/app:/sbin/nologin' >"$base/etc/passwd"
echo 'app:x:1654:' >"$base/etc/group"
printf 'hosts: files dns\n' >"$base/etc/nsswitch.conf"
container=$(buildah_ from scratch)
buildah_ copy "$container" "$base" / >/dev/null
buildah_ config --user 1654 --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true --env APP_UID=1654 --os linux "$container"
cat >"$work/registry.yml" <<CONF
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:15000"}
CONF
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
services+=($!)
is_serving() { exec 3<>/dev/tcp/127.0.0.1/15000; }
await 20 "the registry" is_serving
if buildah_ commit --quiet "$container" localhost:15000/runtime-deps:stand-in >/dev/null && buildah_ push --quiet --tls-verify=false localhost:15000/runtime-deps:stand-in >"$work/push.log" 2>&1; then
  ok "a base image of this machine's libraries, in a registry on 127.0.0.1"
else
  cat "$work/push.log" "$work/registry.log"
  bad "the base image"
  finish
  exit
fi

export DOTNET_CONTAINER_INSECURE_REGISTRIES=localhost:15000
check "dotnet publish -t:PublishContainer" dotnet publish "$repository/src/Cli" -c Release -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" -t:PublishContainer \
  -p:PublishReadyToRun=false -p:PublishReadyToRunComposite=false -o "$work/published" \
  -p:ContainerBaseImage=localhost:15000/runtime-deps:stand-in -p:ContainerImageTag=test -p:ContainerArchiveOutputPath="$work/lockstep.tar"
if ! podman_ load --quiet --input "$work/lockstep.tar" >"$work/load.log" 2>&1; then
  cat "$work/load.log"
  bad "podman load"
  finish
  exit
fi
image=$(podman_ images --format '{{.Repository}}:{{.Tag}}' | grep 'lockstep:test')
if [ "$(podman_ image inspect --format '{{.User}}' "$image")" = 1654 ]; then
  ok "the image's user is not root"
else
  bad "user $(podman_ image inspect --format '{{.User}}' "$image")"
fi
if ! podman_ run --rm --network none --read-only "$image" --version >"$work/version.log" 2>&1; then
  tail -n 3 "$work/version.log"
  if [ ! -s "$work/version.log" ] || grep -q "OCI" "$work/version.log"; then
    skip "the containers: podman cannot run one here"
  else
    bad "the program runs in the image"
  fi
  finish
  exit
fi
ok "in a container without network, shell or a writable file: $(cat "$work/version.log")"

mkdir -p "$work/project/runs"
cp "$here/compose.yaml" "$work/project/"
sed 's/^LOCKSTEP__EPOCHS=.*/LOCKSTEP__EPOCHS=40/; s/500steps/200steps/' "$here/coordinator.env" >"$work/project/coordinator.env"
(umask 077 && head -c 32 /dev/urandom | base64 >"$work/project/lockstep.secret")
printf 'LOCKSTEP_USER=4053:4053\nLOCKSTEP_IMAGE=%s\n' "$image" >"$work/project/.env"
chmod 755 "$work"
chown -R 4053:4053 "$work/project"
(ulimit -n 4096 && ulimit -u 4096 && exec podman --root "$work/store" --runroot "$work/runroot" --network-config-dir "$work/networks" --storage-driver vfs --cgroup-manager cgroupfs \
  system service --time 0 "unix://$work/podman.sock") >"$work/podman.log" 2>&1 &
services+=($!)
await 20 "podman's socket" test -S "$work/podman.sock"

runs=$work/project/runs
has_begun() { compgen -G "$runs/$1/checkpoints/*.ckpt"; }
newest() { basename "$(compgen -G "$runs/$1/checkpoints/*.ckpt" | tail -n 1)"; }
has_moved() { [[ "$(newest "$1")" > "$2" ]]; }
is_complete() { [ -f "$runs/$1/summary.json" ] && [ "$(outcome_of "$runs/$1")" = completed ]; }
ready() { [ "$(grep -c '"workerReady"' "$runs/$leader/events.jsonl")" -ge "$1" ]; }
leads() { grep -q '"leading"' "$runs/$1/events.jsonl"; }
is_saved() { [[ "$(outcome_of "$runs/$1")" =~ ^(stopped|handedOver)$ ]]; }
expect() {
  local name=$1
  shift
  if await "${limit:-40}" "$name" "$@"; then ok "$name"; else bad "$name"; compose logs --tail 20; fi
}

check "docker-compose up" compose up --detach --scale worker=2
limit=90 expect "a checkpoint is saved" has_begun a
expect "and by the other coordinator, too" has_begun b
if leads a; then leader=a other=b; else leader=b other=a; fi
expect "two workers have joined" ready 2
check "docker-compose up --scale worker=3" compose up --detach --no-recreate --scale worker=3
expect "a third one has joined in mid-run" ready 3
victim=$(podman_ ps --quiet --filter name=worker | head -n 1)
check "one worker killed" podman_ kill --signal KILL "$victim"
expect "the run has lost it" grep -q '"workerLost"' "$runs/$leader/events.jsonl"
step=$(newest $other)
check "the leader killed" podman_ kill --signal KILL "$(podman_ ps --quiet --filter "name=coordinator-$leader")"
goes_on() { leads "$other" && has_moved "$other" "$step"; }
expect "the other coordinator goes on" goes_on
check "docker-compose stop" compose stop
if is_saved $other; then ok "stop: finished the step, saved"; else bad "stop: $(outcome_of "$runs/$other")"; fi
if [ "$(stat -c %u "$runs/$other/summary.json")" = 4053 ]; then
  ok "the run belongs to the user of .env"
else
  bad "the run belongs to $(stat -c %u "$runs/$other/summary.json")"
fi
check "docker-compose up again" compose up --detach --scale worker=2
limit=180 expect "the run is completed" is_complete a
expect "in both folders" is_complete b
check "docker-compose down" compose down
if [ -z "$(podman_ ps --all --quiet)" ]; then ok "no container is left"; else bad "left: $(podman_ ps --all)"; fi

find_program
"$LOCKSTEP" train --dataset synthetic --epochs 40 --workers 1 --quiet --out "$work/reference" >"$work/reference.log" 2>&1
want=$(weights_of "$work/reference")
if [ -n "$want" ] && [ "$(weights_of "$runs/a")" = "$want" ] && [ "$(weights_of "$runs/b")" = "$want" ]; then
  ok "the weights in both folders are those of an undisturbed run: weightsSha256 ${want:0:16}"
else
  bad "weights $(weights_of "$runs/a") and $(weights_of "$runs/b"), expected $want"
fi
finish
