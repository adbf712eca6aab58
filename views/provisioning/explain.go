package provisioning

import (
	"context"

	"locum/models/account"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

func everyone(people []account.Person) (options []ui.Option) {
	for _, p := range people {
		options = append(options, ui.Option{Value: p.ID, Label: p.Name + " · " + p.Email})
	}
	return options
}

// verdict says in one sentence whether the person has the role by the connector,
// and if the condition says otherwise, why.
func (e Explanation) verdict(ctx context.Context) ui.NoticeProps {
	args := []any{"Name", e.Person.Name, "Role", i18n.Role(ctx, e.Targets.Role(e.Connector.Role)), "Target", e.Targets.Label(e.Connector.Target)}
	n := ui.NoticeProps{Tone: ui.Off, Icon: "circle-slash", Title: i18n.T(ctx, "connector.why.not_given", args...)}
	switch {
	case e.Given:
		n.Tone, n.Icon, n.Title = ui.OK, "", i18n.T(ctx, "connector.why.given", args...)
	case e.Trace.Holds && e.Connector.State != provisioning.On:
		n.Text = i18n.T(ctx, "connector.why.not_on")
	case e.Trace.Holds && e.First != nil:
		n.Text = i18n.T(ctx, "connector.why.first", "First", i18n.Role(ctx, e.Targets.Role(e.First.Role)), "Connector", e.First.Name)
	case e.Trace.Holds:
		n.Text = i18n.T(ctx, "connector.why.outside")
	}
	if len(e.Others) > 0 {
		other := i18n.T(ctx, "connector.why.other")
		if n.Text != "" {
			other = n.Text + " " + other
		}
		n.Text = other
	}
	return n
}

// matchWords are the words of a group of conditions.
func matchWords(ctx context.Context, c provisioning.Condition) string {
	switch {
	case c.Not != nil:
		return i18n.T(ctx, "provisioning.none_of")
	case c.Any != nil:
		return i18n.T(ctx, "provisioning.any_of")
	}
	return i18n.T(ctx, "provisioning.all_of")
}

// evidence is what was found of an attribute, and what is to be known about it.
func evidence(ctx context.Context, t provisioning.Trace) string {
	text := i18n.T(ctx, "connector.evidence.none")
	switch {
	case t.Decided != "" && len(t.Values) > 1:
		text = i18n.T(ctx, "connector.evidence.among", "Value", t.Decided, "Count", i18n.From(ctx).Number(len(t.Values)))
	case t.Decided != "":
		text = i18n.T(ctx, "connector.evidence", "Value", t.Decided)
	case len(t.Values) > 0:
		text = i18n.T(ctx, "connector.evidence", "Value", shortly(t.Values))
	case t.State == provisioning.Empty:
		return i18n.T(ctx, "provisioning.attribute_state.empty")
	}
	if t.State == provisioning.Absent && len(t.Values) > 0 {
		text += " " + i18n.T(ctx, "provisioning.kept")
	}
	return text
}
