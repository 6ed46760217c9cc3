# shellcheck shell=bash
# Sourced by the test.sh of each recipe, which runs what it can here, says "skipped: ..." for what it cannot, and cleans up.
# LOCKSTEP names a published program; without it the test publishes this checkout.
set -uo pipefail
export LOCKSTEP_OFFLINE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1
here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
work=$(mktemp -d /tmp/lockstep-deploy.XXXXXX)
passed=0 failed=0 skipped=0

ok() { echo "ok: $1"; passed=$((passed + 1)); }
bad() { echo "FAILED: $1"; failed=$((failed + 1)); }
skip() { echo "skipped: $1"; skipped=$((skipped + 1)); }
have() { command -v "$1" >/dev/null; }

# One check; its output is shown only when it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/check.log" 2>&1; then ok "$name"; else bad "$name"; tail -n 40 "$work/check.log"; fi
}

# Waits until a command succeeds: seconds, what is waited for, command.
await() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then
      echo "FAILED: waited in vain for $what" >&2
      return 1
    fi
    sleep 0.2
  done
}

# The last line, and the exit code.
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

# Sets LOCKSTEP to a program that can be run.
find_program() {
  if [ -z "${LOCKSTEP:-}" ]; then
    have dotnet || { skip "neither LOCKSTEP=PROGRAM nor dotnet to publish one"; finish; exit; }
    dotnet publish "$repository/src/Cli" -c Release -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" --self-contained false -o "$work/program" \
      >"$work/publish.log" 2>&1 || { tail -n 40 "$work/publish.log"; bad "dotnet publish"; finish; exit; }
    LOCKSTEP=$work/program/lockstep
  fi
  export LOCKSTEP
}

weights_of() { sed -n 's/.*"weightsSha256": "\([0-9a-f]*\)".*/\1/p' "$1/summary.json"; }
outcome_of() { sed -n 's/.*"outcome": "\([a-zA-Z]*\)".*/\1/p' "$1/summary.json"; }
