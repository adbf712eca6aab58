package activity

import "locum/views/i18n"

// needs says what of the host's wishes was missing for a visit.
func needs(l i18n.Locale, f facts) string {
	var words []string
	list, _ := f["needs"].([]any)
	for _, n := range list {
		if name, ok := n.(string); ok && i18n.Has("need."+name) {
			words = append(words, l.T("need."+name))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return l.T("activity.detail.needs", "Needs", l.List(words))
}
