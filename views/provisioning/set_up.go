package provisioning

import (
	"context"
	"strconv"

	"locum/models"
	"locum/models/federation"
	"locum/views/i18n"
	"locum/views/ui"
)

// SetUpForm is what is asked first when a connection is set up.
type SetUpForm struct {
	Name, Kind string
	Wrong      models.FieldErrors
}

// guide are the instructions for the identity provider of a kind, one a step.
func guide(ctx context.Context, kind string) (steps []string) {
	for n := 1; i18n.Has("sso.guide." + kind + "." + strconv.Itoa(n)); n++ {
		steps = append(steps, i18n.T(ctx, "sso.guide."+kind+"."+strconv.Itoa(n)))
	}
	return steps
}

// fieldName is what a product calls one of the values that it asks for.
func fieldName(ctx context.Context, kind, field string) string {
	if key := "sso.guide." + kind + "." + field; i18n.Has(key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "sso."+field)
}

// at is the step of the set-up that comes next, from 2; 6 when all is done.
func (c Connection) at() int {
	switch {
	case c.Unfinished():
		return 2
	case c.TestedAt == nil && c.LastSuccessAt == nil:
		return 4
	case !c.Enabled:
		return 5
	}
	return 6
}

// kindOf is the kind whose instructions are shown.
func kindOf(c Connection) string {
	if c.Kind == "" {
		return federation.Other
	}
	return c.Kind
}

// stepKind gives the button of the current step its weight.
func stepKind(current bool) ui.Kind {
	if current {
		return ui.Primary
	}
	return ui.Plain
}
