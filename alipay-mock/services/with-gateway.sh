#!/bin/sh
# Runs a command beside a gateway of its own, with the gateway's settings as variables (ALIPAY_BASE_URL …), and
# ends with the command's status. For CI jobs and Makefiles:
#
#   alipay-mock/services/with-gateway.sh cargo test
#
# MOCK is the program (alipay-mock unless set); MOCK_ARGUMENTS are more arguments for it.
set -eu
folder=$(mktemp -d)
log=$folder/log
gateway=
stop() {
    [ -z "$gateway" ] || { kill "$gateway" 2>/dev/null || true; wait "$gateway" 2>/dev/null || true; }
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Any free port. The settings are printed once it listens, and those of certificates come last.
# shellcheck disable=SC2086 # several arguments
"${MOCK:-alipay-mock}" --keys "$folder/keys" ${MOCK_ARGUMENTS:-} > "$log" 2>&1 &
gateway=$!
until grep -q '^# export ALIPAY_ROOT_CERT=' "$log"; do
    kill -0 "$gateway" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.1
done
eval "$(grep '^export ' "$log")"
status=0
"$@" || status=$?
[ "$status" = 0 ] || grep -v '^#\{0,1\} \{0,1\}export ' "$log" >&2
exit "$status"
