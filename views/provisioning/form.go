package provisioning

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"locum/views/i18n"
	"locum/views/ui"
)

func (f Form) version() string { return strconv.Itoa(f.Version) }

// again makes a button bring the form back: with script in its place, without
// it as a page. One that removes is known by its id, so that the focus is on the
// next one afterwards; one that adds is not, so that it is on what was added.
func (f Form) again(b ui.Btn) ui.Btn {
	b.Attrs = templ.Attributes{"hx-post": f.Action, "hx-target": "#connector", "hx-swap": "outerHTML"}
	if b.Name == "remove" || b.Name == "preview" {
		b.Attrs["id"] = b.Name + "-" + b.Value
	}
	return b
}

// control describes one part of a comparison; the label is read aloud.
func (f Form) control(ctx context.Context, n Node, part string) ui.Control {
	c := ui.Control{Name: n.Path + "." + part, Label: i18n.T(ctx, "connector."+part), Error: ui.ErrorText(ctx, f.Wrong, n.Path+"."+part)}
	if part == "value" {
		c.Hint = n.hint(ctx)
	}
	return c
}

// field describes a field of the form by its name and the key of its label.
func (f Form) field(ctx context.Context, name, label string) ui.Control {
	c := ui.Control{Name: name, Label: i18n.T(ctx, label), Error: ui.ErrorText(ctx, f.Wrong, name)}
	if hint := label + ".hint"; i18n.Has(hint) {
		c.Hint = i18n.T(ctx, hint)
	}
	return c
}

func (f Form) optional(ctx context.Context, name, label string) ui.Control {
	c := f.field(ctx, name, label)
	c.Optional = true
	return c
}
