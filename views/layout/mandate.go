package layout

import (
	"context"

	"locum/models"
	"locum/views/i18n"
)

// mandateLine says what somebody sets up, where, and on whose behalf.
func (f Frame) mandateLine(ctx context.Context) string {
	l, m := i18n.From(ctx), f.Actor.Mandate
	if m.Kind == models.OperatorMandate {
		return l.T("layout.mandate.operator", "Company", f.Actor.Effective.CompanyName)
	}
	return l.T("layout.mandate.link", "What", Purposes(l, m.Purposes), "Company", f.Actor.Effective.CompanyName, "By", m.ByName)
}

// Purposes names the parts of a set-up within a sentence.
func Purposes(l i18n.Locale, purposes []models.Purpose) string {
	var names []string
	for _, p := range purposes {
		names = append(names, l.T("layout.purpose."+string(p)))
	}
	return l.List(names)
}
