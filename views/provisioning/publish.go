package provisioning

import (
	"context"
	"strconv"
	"strings"

	"locum/models"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// Question is what somebody has to say before a change is published, as its
// preview asks, with what he typed so far.
type Question struct {
	provisioning.Preview
	Targets provisioning.Targets
	Confirm string // the number of people, as typed
	Leave   string
	Wrong   models.FieldErrors
}

// Asked says that there is something to say.
func (q Question) Asked() bool { return q.Asks() || q.Last != nil }

func (q Question) title(ctx context.Context) string {
	locale := i18n.From(ctx)
	switch {
	case q.Lose > 0 && q.Raise > 0:
		return locale.T("run.brake.both", "Lose", locale.Number(q.Lose), "Raise", locale.Number(q.Raise), "Known", locale.Number(q.Known))
	case q.Raise > 0:
		return locale.N("run.brake.raise", q.Raise, "Known", locale.Number(q.Known))
	}
	return locale.N("run.brake.lose", q.Lose, "Known", locale.Number(q.Known))
}

// places are those of which the last rules go.
func (q Question) places() string {
	names := []string{q.Targets.Label(q.Last.Target)}
	for _, other := range q.Last.Others {
		names = append(names, q.Targets.Label(other))
	}
	return strings.Join(names, ", ")
}

func (q Question) confirm(ctx context.Context) ui.Control {
	hint := "run.brake.hint"
	if q.Last != nil {
		hint = "run.brake.hint_last"
	}
	return ui.Control{Name: "confirm", Label: i18n.T(ctx, "run.brake.type", "Number", q.Weight), Hint: i18n.T(ctx, hint),
		Error: ui.ErrorText(ctx, q.Wrong, "confirm")}
}

// limits says what the company lets pass.
func limits(ctx context.Context, q Question) string {
	locale := i18n.From(ctx)
	return locale.T("run.brake.text", "Percent", locale.Number(q.Brakes.Percent), "People", locale.Number(q.Brakes.People), "Raised", locale.Number(q.Brakes.Raised))
}

// Question is what the form's preview asks.
func (f Form) question() Question {
	q := Question{Targets: f.Targets, Confirm: f.Confirm, Leave: f.Leave, Wrong: f.Wrong}
	if f.Preview != nil {
		q.Preview = *f.Preview
	}
	return q
}

// stateOf is the tone, icon and key of a run's state.
func runTone(r provisioning.Run) (tone, icon string) {
	switch r.State {
	case provisioning.Running:
		return ui.Info, "loader-circle"
	case provisioning.RunHeld:
		return ui.Warn, "hand"
	case provisioning.Canceled:
		return ui.Warn, "pause"
	case provisioning.RunDone:
		return ui.OK, "check"
	}
	return "", "ban"
}

// caption is what a run is about.
func caption(ctx context.Context, r provisioning.Run) string {
	if r.Redoes {
		return i18n.T(ctx, "run.cause.redone", "Name", r.SubjectName)
	}
	return i18n.T(ctx, "run.cause."+string(r.Cause), "Name", r.SubjectName)
}

// effects says in a sentence what a run did so far.
func effects(ctx context.Context, r provisioning.Run) string {
	locale := i18n.From(ctx)
	gained, lost := locale.N("connector.outcome.gained", int(r.Gained)), locale.N("connector.outcome.lost", int(r.Lost))
	switch {
	case r.Gained == 0 && r.Lost == 0:
		return locale.T("connector.outcome.none")
	case r.Lost == 0:
		return gained
	case r.Gained == 0:
		return lost
	}
	return gained + " " + lost
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }
