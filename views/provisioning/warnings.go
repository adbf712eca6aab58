package provisioning

import (
	"context"
	"slices"
	"time"

	"locum/models/directory"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/views/i18n"
)

// Warnings is what there is to look at in a company's rules, connections and
// directories.
type Warnings struct {
	Rules       provisioning.Warnings
	Connections []federation.Health
	Directories []directory.Standing
	Now         time.Time
}

// Warning is one of them: what is the matter, what to do, and where.
type Warning struct{ Title, Text, Href string }

// All are the warnings in the order of their weight: who cannot come in, what
// is not known of whom, and rules that give nothing.
func (w Warnings) All(ctx context.Context) []Warning {
	return slices.Concat(w.certificates(ctx), w.directories(ctx), w.signOn(ctx), w.rules(ctx))
}

// certificates are those that end soon, or did.
func (w Warnings) certificates(ctx context.Context) (list []Warning) {
	for _, h := range w.Connections {
		if h.CertificateEnds.IsZero() {
			continue
		}
		args := []any{"Name", h.Connection.Name, "When", i18n.From(ctx).Date(h.CertificateEnds)}
		key := "warning.certificate"
		if !w.Now.Before(h.CertificateEnds) {
			key = "warning.certificate_ended"
		}
		list = append(list, Warning{i18n.T(ctx, key, args...), i18n.T(ctx, "warning.certificate.text"), at(h.Connection)})
	}
	return list
}

// signOn are the warnings of the page of single sign-on itself.
func (w Warnings) signOn(ctx context.Context) (list []Warning) {
	locale := i18n.From(ctx)
	for _, h := range w.Connections {
		name := []any{"Name", h.Connection.Name}
		if h.Silent {
			list = append(list, Warning{locale.T("warning.silent", append(name, "When", locale.ShortDateTime(w.Now, h.Connection.LastSuccessAt.Time))...),
				locale.T("warning.silent.text"), at(h.Connection) + "#test"})
		}
		if h.ClockOff != 0 {
			list = append(list, Warning{clockOff(locale, h.Connection.Name, h.ClockOff), locale.T("warning.clock.text"), at(h.Connection)})
		}
		if h.MetadataFailing {
			list = append(list, Warning{locale.T("warning.metadata", name...), locale.T("warning.metadata.text"), at(h.Connection)})
		}
	}
	return slices.Concat(list, w.stopped(ctx), w.overage(ctx))
}

func clockOff(locale i18n.Locale, name string, seconds int) string {
	if seconds < 0 {
		return locale.N("warning.clock_behind", -seconds, "Name", name)
	}
	return locale.N("warning.clock_ahead", seconds, "Name", name)
}

func (w Warnings) stopped(ctx context.Context) (list []Warning) {
	locale := i18n.From(ctx)
	for _, s := range w.Rules.Stopped {
		var names []string
		for _, c := range s.Connectors {
			names = append(names, c.Name)
		}
		list = append(list, Warning{locale.T("warning.stopped", "Attribute", attributeName(ctx, s.Attribute), "Name", w.named(s.Source)),
			locale.N("warning.stopped.text", s.People, "When", locale.ShortDateTime(w.Now, s.Since.Time), "List", locale.List(names)),
			"/company/single-sign-on/" + s.Source})
	}
	return list
}

func (w Warnings) overage(ctx context.Context) []Warning {
	if len(w.Rules.Overage) == 0 {
		return nil
	}
	return []Warning{{i18n.N(ctx, "warning.overage", len(w.Rules.Overage)), i18n.T(ctx, "warning.overage.text"), "/company/single-sign-on#overage"}}
}

// rules are the connectors that are on and give nothing. One with a value that
// nobody has is told once, with that value.
func (w Warnings) rules(ctx context.Context) (list []Warning) {
	there := func(id string) string { return "/company/connectors/" + id }
	for _, u := range w.Rules.Unseen {
		var values []string
		for _, c := range u.Conditions {
			values = append(values, neverText(ctx, c))
		}
		list = append(list, Warning{i18n.T(ctx, "warning.unseen", "Name", u.Connector.Name), i18n.From(ctx).List(values) + ".", there(u.Connector.ID)})
	}
	for _, s := range w.Rules.Unmatched {
		told := slices.ContainsFunc(w.Rules.Unseen, func(u provisioning.Unseen) bool { return u.Connector.ID == s.ID })
		if !told {
			list = append(list, Warning{i18n.T(ctx, "warning.unmatched", "Name", s.Name), i18n.T(ctx, "warning.unmatched.text"), there(s.ID)})
		}
	}
	return list
}

// named is what a connection is called.
func (w Warnings) named(id string) string {
	for _, h := range w.Connections {
		if h.Connection.ID == id {
			return h.Connection.Name
		}
	}
	return id
}

func at(c federation.Connection) string { return "/company/single-sign-on/" + c.ID }
