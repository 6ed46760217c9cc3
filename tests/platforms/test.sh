#!/usr/bin/env bash
# The same bytes on other platforms: trains small runs on this machine, then trains each again with `verify` at every vector width, here,
# as linux-arm64 under QEMU and as win-x64 under Wine, and compares steps, digest, checkpoint, ONNX file and test results. Takes some
# minutes, so .ci/run leaves it out.
# LOCKSTEP, LOCKSTEP_LINUX_ARM64 and LOCKSTEP_WIN_X64 name published programs; without them the test publishes this checkout.
. "$(dirname "$0")/../../deploy/test-lib.sh"
export WINEPREFIX=$work/wine WINEDEBUG=-all
trap 'have wineserver && wineserver -k 2>/dev/null; rm -rf "$work"' EXIT
find_program

cat >"$work/dense.json" <<'MODEL'
{
  "inputs": 784,
  "inputKeepProb": 0.9,
  "layers": [
    { "units": 64, "activation": "gelu", "keepProb": 0.8 },
    { "kind": "layerNorm" },
    { "units": 48, "activation": "tanh", "keepProb": 0.5 },
    { "units": 40, "activation": "silu" },
    { "units": 33, "activation": "sigmoid" },
    { "units": 20, "activation": "leakyrelu" },
    { "units": 10 }
  ]
}
MODEL

# Numbers with gaps, in many notations, categories, and a target that follows from them.
LC_ALL=C awk 'BEGIN {
  print "length,width,colour,price"
  for (i = 1; i <= 400; i++) {
    a = (i * 7919) % 1000 / 7; b = (i * 104729) % 997 / 1.3e4
    printf "%s,%.9e,%s,%.4f\n", i % 19 ? sprintf("%.7g", a) : "", b, substr("redblugre", 1 + 3 * (i % 3), 3), a * a / 50 - 40 * b + i % 3
  }
}' >"$work/table.csv"

# The encoded pictures of the repository: PNG in grey and colour, and a JPEG that is to be turned.
mkdir -p "$work/images/photo" "$work/images/drawing"
for copy in 1 2 3 4; do
  cp "$repository/tests/Hostile.Tests/Corpus/jpeg/turned.jpg" "$work/images/photo/$copy.jpg"
  cp "$repository/docs/images/seven.png" "$work/images/photo/$copy.png"
  for picture in fine-tuning mistakes; do cp "$repository/docs/images/$picture.png" "$work/images/drawing/$copy-$picture.png"; done
done

# Trains a run again at a width, as the program of a platform: platform, run, width, command line.
again() {
  local platform=$1 run=$2 width=$3
  shift 3
  [[ " $widths " = *" $width "* ]] || return
  local name="$platform, $run, $width"
  if ! LOCKSTEP_KERNELS=${width%-bit} "$@" verify "$work/$run" >"$work/again.log" 2>&1; then
    if grep -q 'does not accelerate' "$work/again.log"; then
      echo "$platform has no vectors of $width"
      widths=${widths%%" $width"*} # Wider ones neither.
      return
    fi
    bad "$name"
    tail -n 20 "$work/again.log"
    return
  fi
  grep -q "sha256 ${digests[$run]}" "$work/again.log" || { bad "$name: $(tail -n 1 "$work/again.log")"; return; }
  ok "$name: $(tr -d '\r' <"$work/again.log" | tail -n 1)"
}

# All runs at all widths of a platform, then the bytes of a checkpoint and of an export: platform, command line.
platform() {
  local started=$SECONDS name=$1 run width widths="scalar 128-bit 256-bit 512-bit"
  shift
  for run in "${runs[@]}"; do
    for width in scalar 128-bit 256-bit 512-bit; do again "$name" "$run" "$width" "$@"; done
    rm -f "$work/again.ckpt" "$work/again.onnx"
    check "$name, $run: the same checkpoint, ONNX file, test results" same_files "$run" "$@"
  done
  echo "$name: $((SECONDS - started)) s"
}
same_files() {
  local run=$1
  shift
  "$@" replay "$work/$run" --to $((steps[$run] - 1)) --out "$work/again.ckpt" && cmp "$work/again.ckpt" "$work/$run.ckpt" &&
    "$@" export "$work/$run" --to onnx --out "$work/again.onnx" && cmp "$work/again.onnx" "$work/$run.onnx" &&
    { [ ! -e "$work/$run.json" ] || { "$@" evaluate "$work/$run" --json >"$work/again.json" && cmp <(results again) <(results "$run"); }; }
}
# Results without the path of the checkpoint and the ends of lines of the platform.
results() { tr -d '\r' <"$work/$1.json" | grep -v '"checkpoint"'; }

runs=()
declare -A digests steps
# Trains a run here, with two worker processes: name, digest that all platforms give, steps, options. A change of a digest is a change of
# what users' runs give.
run() {
  local name=$1 expected=$2
  steps[$name]=$3
  shift 3
  if "$LOCKSTEP" train --workers 2 --out "$work/$name" --steps "${steps[$name]}" --json "$@" >"$work/train.log" 2>&1 &&
    "$LOCKSTEP" replay "$work/$name" --to $((steps[$name] - 1)) --out "$work/$name.ckpt" >>"$work/train.log" 2>&1 &&
    "$LOCKSTEP" export "$work/$name" --to onnx --out "$work/$name.onnx" >>"$work/train.log" 2>&1; then
    # 10,000 digits take minutes under QEMU.
    [[ $* = *synthetic* ]] || "$LOCKSTEP" evaluate "$work/$name" --json >"$work/$name.json" 2>>"$work/train.log"
    digests[$name]=$(weights_of "$work/$name")
    runs+=("$name")
    check "train $name: sha256 ${digests[$name]}, expected $expected" [ "${digests[$name]}" = "$expected" ]
  else
    bad "train $name"
    tail -n 40 "$work/train.log"
  fi
}

echo "== trained here"
digits=(--dataset synthetic --train-examples 2000 --batch-size 100)
run dense a3d42f0c6dbe8ce01d58239a8500fac1d275e5c5c15edc53d8a28bbdd2db3fed 30 "${digits[@]}" --model "$work/dense.json" \
  --optimizer adamw --learning-rate 0.002 --lr-schedule cosine+warmup:5 --clip-norm 1 --label-smoothing 0.1
run maps de10e83d0dff2a7be6a7f67f3b8a3bef0f8dd7df30a0dd8a70b58c81bc3fd9d9 30 "${digits[@]}" --lr-schedule step:1:0.5 --nesterov \
  --model 'conv:6x5s2p2-bn-conv:8x3p1-bn-avgpool2-conv:8x3p1-pool2-32-bn-out' --learning-rate 0.05 \
  --augment 'shift:2,rotate:10,scale:0.1,elastic:1,noise:0.05,cutout:6'
run table d2b152c3d15550b10e56c1a4cd3622721958bebcfe47037ef287694481a9cacd 60 --dataset "$work/table.csv" --target price
run pictures 232f7c2399b040c0445f99468dd58df18d98ecc8b64b7fe466a1ce312eaf0f77 20 --dataset "$work/images" \
  --image-size 24x20x3 --model 'conv:4x3p1-pool2-16-out' --augment 'flip,rotate:180' --batch-size 4

echo "== again, here and elsewhere"
platform "$(uname -sm)" "$LOCKSTEP"

# published VARIABLE RID PROGRAM: sets `program` to what the variable names, or publishes it.
published() {
  program=${!1:-}
  if [ -z "$program" ] && have dotnet; then
    dotnet publish "$repository/src/Cli" -c Release -r "$2" -o "$work/$2" >"$work/publish.log" 2>&1 && program=$work/$2/$3 ||
      { tail -n 40 "$work/publish.log"; bad "dotnet publish -r $2"; return 1; }
  fi
  [ -n "$program" ] || { skip "neither $1=PROGRAM nor dotnet to publish one"; return 1; }
}

# Its libraries are the machine's own (multiarch) or those of packages unpacked into a folder.
arm64=${QEMU_LD_PREFIX:-/}
libraries_of_arm64() {
  local name
  for name in libc libstdc++ libssl; do
    compgen -G "$arm64/lib/aarch64-linux-gnu/$name.so*" || compgen -G "$arm64/usr/lib/aarch64-linux-gnu/$name.so*" || return
  done
}
if [ "$(uname -sm)" = "Linux aarch64" ]; then
  : # That was it.
elif ! have qemu-aarch64-static; then
  skip "linux-arm64: no QEMU on this machine (Debian: apt-get install qemu-user-static)"
elif ! libraries_of_arm64 >"$work/libraries.log"; then
  skip "linux-arm64: no libc6, libstdc++6 and libssl3 for arm64 in ${QEMU_LD_PREFIX:-/}
  Debian: dpkg --add-architecture arm64; apt-get update; apt-get install libstdc++6:arm64 libssl3:arm64
  or QEMU_LD_PREFIX=FOLDER, with these packages and libgcc-s1 unpacked there (dpkg -x)"
elif published LOCKSTEP_LINUX_ARM64 linux-arm64 lockstep; then
  platform "linux-arm64, QEMU" qemu-aarch64-static -L "$arm64" "$program"
fi

wine=$(command -v wine64 || command -v wine)
if [ -z "$wine" ]; then
  skip "win-x64: no Wine on this machine (Debian: apt-get install wine wine64)"
elif published LOCKSTEP_WIN_X64 win-x64 lockstep.exe; then
  platform "win-x64, Wine" "$wine" "$program"
fi

finish
