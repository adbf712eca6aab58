package provisioning

import "slices"

// Merge is the profile after a reading: last is the profile before it, or the
// zero Profile. What the reading holds replaces what was known under that name;
// what its source said before and leaves out now is kept, and flagged; what
// another source said stays as it is.
//
// A reading with too many or too long values is refused with an error of kind
// Invalid, and the last profile still stands.
func (m Mapping) Merge(last Profile, r Reading) (Profile, error) {
	now, err := m.understand(r)
	if err != nil {
		return Profile{}, err
	}
	next := Profile{attributes: now.attributes, overage: now.overage}
	for _, known := range last.attributes {
		if now.has(known.Name) || len(next.attributes) >= MaxAttributes {
			continue
		}
		if known.Source.Kind == r.Source.Kind {
			known.Kept = true
		}
		next.attributes = append(next.attributes, known)
	}
	m.mergeGroups(&next, last, now, r.Source.Kind)
	next.index()
	return next, nil
}

func (h *heard) has(attribute string) bool {
	return slices.ContainsFunc(h.attributes, func(a Attribute) bool { return fold(a.Name) == fold(attribute) })
}

// mergeGroups takes the reading's groups in place of those its source gave
// before, and leaves the groups of the other source alone.
func (m Mapping) mergeGroups(next *Profile, last Profile, now heard, kind SourceKind) {
	next.groups = now.groups
	for _, g := range last.groups {
		ours := g.Source.Kind == kind
		if now.inGroup[g.ID] || ours && now.groupsSent {
			continue
		}
		if g.Source.Kind == FromAssertion && m.managed(g.ID) {
			continue // the directory took the group over, and does not count this person
		}
		g.Kept = g.Kept || ours
		next.groups = append(next.groups, g)
	}
	fresh := slices.ContainsFunc(next.groups, func(g Group) bool { return !g.Kept })
	switch {
	case fresh:
		next.groupState = Present
	case now.groupsSent:
		next.groupState = Empty
	default:
		next.groupState = Absent
	}
}

func (m Mapping) managed(group string) bool {
	if m.Known == nil {
		return false
	}
	k, ok := m.Known(group)
	return ok && k.Managed
}
