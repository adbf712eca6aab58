package provisioning

import (
	"context"
	"time"

	"locum/models/federation"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// Trial is the page with what a test sign-in gave.
type Trial struct {
	Connection federation.Connection
	Tested     federation.Tested
	Tried      provisioning.Tried
	Now        time.Time
}

// mostValues is how many values of one attribute the page writes out.
const mostValues = 50

// verdict says in one sentence who would come in.
func (t Trial) verdict(ctx context.Context) ui.NoticeProps {
	who := []any{"Name", t.Tested.Person, "Email", t.Tested.Email}
	switch {
	case t.Tested.Problem.Key != "":
		return ui.NoticeProps{Tone: ui.Bad, Title: i18n.T(ctx, "sso.test.refused"), Text: i18n.Say(ctx, t.Tested.Problem)}
	case t.Tried.Refused:
		return ui.NoticeProps{Tone: ui.Bad, Title: i18n.T(ctx, "sso.test.refused"), Text: i18n.T(ctx, "sso.test.no_match")}
	case t.Tested.New():
		return ui.NoticeProps{Tone: ui.OK, Title: i18n.T(ctx, "sso.test.new", who...), Text: i18n.T(ctx, "sso.test.nothing")}
	}
	return ui.NoticeProps{Tone: ui.OK, Title: i18n.T(ctx, "sso.test.known", who...), Text: i18n.T(ctx, "sso.test.nothing")}
}

// matching are the connectors that are on and whose condition holds.
func (t Trial) matching() (list []provisioning.TriedConnector) {
	for _, c := range t.Tried.Connectors {
		if c.State == provisioning.On && c.Trace.Holds {
			list = append(list, c)
		}
	}
	return list
}

// others are the connectors that give nothing: they do not match, or are not on.
func (t Trial) others() (list []provisioning.TriedConnector) {
	for _, c := range t.Tried.Connectors {
		if c.State != provisioning.On || !c.Trace.Holds {
			list = append(list, c)
		}
	}
	return list
}

// comesIn says whether the sign-in would be let in, so that roles matter.
func (t Trial) comesIn() bool { return t.Tested.Problem.Key == "" && !t.Tried.Refused }

// unchanged says that the sign-in would give and take no role.
func (t Trial) unchanged() bool {
	return len(t.Tried.Gained)+len(t.Tried.Lost)+len(t.Tried.Held) == 0
}
