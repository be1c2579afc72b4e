# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Instructions by component, from what scenarios/netback.sh leaves under --count=functions.

# unit_count RAW PATH CASE ROUND: the packets or bytes that its window had more; nothing, if
# it failed.
unit_count() {
	sed -n "s/^$2 $3 \(.*more=\([0-9]*\)\|error\).*/\2/p" "$1" | sed -n "$4p"
}

# components FOLDER...: of boots, one JSON object for each path, case, round and component:
# the long window less the short one, if there is one, per packet or byte that it had more.
components() {
	for folder do
		for long in "$folder"/*.long.functions.json; do
			[ -e "$long" ] || continue
			window=${long##*/}
			window=${window%.long.functions.json}
			round=${window##*.} window=${window%.*}
			more=$(unit_count "$folder/raw" "${window%.*}" "${window##*.}" "$round")
			[ -z "$more" ] || window_components
		done
	done
}

# Without a short window, its share is that of nothing.
window_components() {
	short=${long%.long.functions.json}.short.functions.json
	[ -e "$short" ] || short=/dev/null
	# shellcheck disable=SC2016 # jq's variables
	jq -n --slurpfile long "$long" --slurpfile short "$short" --arg path "${window%.*}" \
		--arg case "${window##*.}" --argjson round "$round" --argjson more "$more" '
		$long[0].components | to_entries[] |
		((.value - ($short[0].components[.key] // 0)) / $more) as $each |
		{$path, $case, $round, component: .key, instructions: $each}'
}
