package provisioning

import (
	"slices"
	"strings"

	"locum/models"
)

// Limits on one reading, so that a provider cannot make one person expensive.
const (
	MaxAttributes  = 500       // attributes of one person
	MaxValues      = 5000      // values in one reading, over all attributes
	MaxValueLength = 2000      // bytes in one value
	MaxReading     = 256 << 10 // bytes in all values together
)

// Reading is what one assertion or one directory request says of a person.
type Reading struct {
	Source     Source
	Attributes []Received
}

// Received is one attribute as it came in. Without values it is empty; an
// attribute that did not come is not in the reading.
type Received struct {
	Name         string
	FriendlyName string
	Values       []string
}

// Mapping is how a connection's readings are understood.
type Mapping struct {
	// Groups names the attributes that hold the groups, beside the usual ones.
	Groups []string
	// Delimiters holds, by attribute, the text that separates several values in
	// one string. Without it a string is one value: commas occur in names.
	Delimiters map[string]string
	// Known tells what the directory knows of a group that is sent by id or by
	// name. It may be nil.
	Known func(text string) (KnownGroup, bool)
}

// KnownGroup is a group as the directory knows it. When the directory manages
// its members, an assertion neither adds to it nor takes from it.
type KnownGroup struct {
	ID, Name string
	Aliases  []string // what else it answers to
	Managed  bool
}

// heard is a reading, understood.
type heard struct {
	attributes []Attribute
	groups     []Group
	inGroup    map[string]bool // by id
	groupsSent bool
	overage    bool
}

// understand sorts a reading into attributes and groups.
func (m Mapping) understand(r Reading) (heard, error) {
	h := heard{inGroup: map[string]bool{}}
	total, size := 0, 0
	for _, received := range r.Attributes {
		if received.Name == "" {
			continue
		}
		if isOverage(received) {
			h.overage = true
			continue
		}
		values := m.values(received)
		total += len(values)
		if total > MaxValues {
			return heard{}, models.Fail(models.Invalid, "provisioning.error.too_many_values", "Attribute", shorten(received.Name), "Most", MaxValues)
		}
		if long(values) || long([]string{received.Name, received.FriendlyName}) {
			return heard{}, models.Fail(models.Invalid, "provisioning.error.value_too_long", "Attribute", shorten(received.Name), "Most", MaxValueLength)
		}
		for _, v := range values {
			size += len(v)
		}
		if size > MaxReading {
			return heard{}, models.Fail(models.Invalid, "provisioning.error.too_much", "Attribute", shorten(received.Name), "Most", MaxReading)
		}
		if m.holdsGroups(received) {
			h.groupsSent = true
			h.addGroups(values, m.Known, r.Source)
			continue
		}
		h.addAttribute(received, values, r.Source)
		if len(h.attributes) > MaxAttributes {
			return heard{}, models.Fail(models.Invalid, "provisioning.error.too_many_attributes", "Most", MaxAttributes)
		}
	}
	// With the overage link a provider may still send some of the groups: taken
	// for all of them, they would revoke the rest.
	if h.overage {
		h.groups, h.inGroup, h.groupsSent = nil, nil, false
	}
	return h, nil
}

// isOverage recognises the link that Entra ID sends in place of the groups when
// a person is in more than an assertion may carry.
func isOverage(r Received) bool {
	return strings.EqualFold(r.Name, "http://schemas.microsoft.com/claims/groups.link") || strings.EqualFold(r.Name, "groups.link")
}

// shorten keeps a name in a message readable.
func shorten(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func long(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return len(v) > MaxValueLength })
}

func (m Mapping) holdsGroups(r Received) bool {
	for _, known := range []string{r.Name, r.FriendlyName, lastPart(r.Name)} {
		ours := func(g string) bool { return strings.EqualFold(g, known) }
		if known != "" && (canonical(known) == GroupAttribute || slices.ContainsFunc(m.Groups, ours)) {
			return true
		}
	}
	return false
}

// values are the attribute's values: split where a delimiter is set, trimmed,
// without empty ones and without repeats.
func (m Mapping) values(r Received) []string {
	delimiter := m.delimiter(r)
	values := make([]string, 0, len(r.Values))
	seen := make(map[string]bool, len(r.Values))
	for _, text := range r.Values {
		parts := []string{text}
		if delimiter != "" {
			parts = strings.Split(text, delimiter)
		}
		for _, part := range parts {
			part = strings.TrimSpace(strings.ToValidUTF8(part, "\uFFFD"))
			if part != "" && !seen[part] {
				seen[part] = true
				values = append(values, part)
			}
		}
	}
	return values
}

// delimiter looks under the name first, as indexNames does.
func (m Mapping) delimiter(r Received) string {
	for _, known := range []string{r.Name, r.FriendlyName, lastPart(r.Name)} {
		for attribute, delimiter := range m.Delimiters {
			if strings.EqualFold(attribute, known) {
				return delimiter
			}
		}
	}
	return ""
}

// addAttribute adds to an attribute of the same name, since some providers write
// an Attribute element for each value.
func (h *heard) addAttribute(r Received, values []string, from Source) {
	for i := range h.attributes {
		if a := &h.attributes[i]; fold(a.Name) == fold(r.Name) {
			for _, v := range values {
				if !slices.Contains(a.Values, v) {
					a.Values = append(a.Values, v)
				}
			}
			return
		}
	}
	h.attributes = append(h.attributes, Attribute{Name: r.Name, FriendlyName: r.FriendlyName, Values: values, Source: from})
}

func (h *heard) addGroups(sent []string, known func(string) (KnownGroup, bool), from Source) {
	for _, text := range sent {
		g := Group{ID: text, Source: from}
		if known != nil {
			if k, ok := known(text); ok {
				if k.Managed {
					continue // the directory says who is in it
				}
				g.ID, g.Name, g.Aliases = k.ID, k.Name, k.Aliases
			}
		}
		if !h.inGroup[g.ID] {
			h.inGroup[g.ID] = true
			h.groups = append(h.groups, g)
		}
	}
}
