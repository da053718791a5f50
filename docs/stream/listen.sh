#!/bin/sh
# Hear what Show & Tell sees, with curl alone.
#
#   sh listen.sh http://127.0.0.1:5000 ID
#
# ID is the last part of the address of the project's page. Where the server asks for an access token,
# put it into the environment as SHOWTELL_TOKEN.
set -eu

before=
curl --silent --show-error --fail --no-buffer ${SHOWTELL_TOKEN:+-H "Authorization: Bearer $SHOWTELL_TOKEN"} \
    "$1/api/v1/projects/$2/stream" |
    while IFS= read -r line; do
        case $line in
            'data: {"project_id":'*) ;;
            *) continue ;; # comments, empty lines, other events
        esac
        label=${line#*\"label\":} # the first one is that of the prediction
        case $label in
            null*) label='none of these' ;;
            *) label=${label#\"} label=${label%%\"*} ;;
        esac
        if [ "$label" != "$before" ]; then
            before=$label
            # Put here what is to happen: say "$label", aplay "$label.wav", ...
            printf '%s\n' "$label"
        fi
    done
