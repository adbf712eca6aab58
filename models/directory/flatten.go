package directory

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"locum/models/provisioning"
)

// maxFlat is how many attributes of one person connectors see.
const maxFlat = 300

// flatten gives the attributes of a resource as connectors compare them, each
// under its URN, of which they know the last part. Parts of complex attributes
// stand on their own.
func flatten(r Resource) (list []provisioning.Received) {
	for _, name := range slices.Sorted(maps.Keys(r)) {
		urn := strings.HasPrefix(strings.ToLower(name), "urn:")
		object, complex := r[name].(map[string]any)
		if urn && complex {
			for _, inner := range slices.Sorted(maps.Keys(object)) {
				list = append(list, flatOne(name+":"+inner, inner, object[inner])...)
			}
			continue
		}
		if name != "id" && name != "groups" && name != "members" {
			list = append(list, flatOne(UserSchema+":"+name, name, r[name])...)
		}
	}
	return list[:min(len(list), maxFlat)]
}

func flatOne(urn, name string, value any) (list []provisioning.Received) {
	if object, complex := value.(map[string]any); complex {
		for _, part := range slices.Sorted(maps.Keys(object)) {
			if text, is := said(object[part]); is {
				list = append(list, provisioning.Received{Name: urn + "." + part, FriendlyName: friendly(name, part), Values: []string{text}})
			}
		}
		return list
	}
	var values []string
	for _, one := range flat(value) {
		if object, complex := one.(map[string]any); complex {
			one = object["value"]
		}
		if text, is := said(one); is {
			values = append(values, text)
		}
	}
	if values == nil {
		return nil
	}
	return []provisioning.Received{{Name: urn, Values: values}}
}

// friendly is the short name of a part: givenName, but manager.value.
func friendly(name, part string) string {
	if name == "name" {
		return part
	}
	return name + "." + part
}

func said(value any) (string, bool) {
	const most = provisioning.MaxValueLength
	switch v := value.(type) {
	case string:
		return v[:min(len(v), most)], v != ""
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
