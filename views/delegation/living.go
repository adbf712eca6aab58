package delegation

import (
	"context"
	"net/url"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// mark is a chip beside the state of a delegation.
type mark struct{ tone, icon, key string }

// marksOf are what a superuser has to know of a delegation beside its state.
func marksOf(d delegation.Details, now time.Time) (list []mark) {
	if d.Asked(now) {
		switch d.Question {
		case delegation.ReviewDue:
			list = append(list, mark{ui.Warn, "circle-help", "delegation.chip.review"})
		case delegation.GranterGone:
			list = append(list, mark{ui.Warn, "circle-help", "delegation.chip.granter"})
		}
		if d.MoreAskedAt != nil {
			list = append(list, mark{ui.Info, "calendar-plus", "delegation.chip.more"})
		}
	}
	if d.Dormant(now) {
		list = append(list, mark{ui.Off, "moon", "delegation.chip.dormant"})
	}
	return list
}

// dormantOnes are those of the list that nobody used for long.
func (l List) dormantOnes() (list []delegation.Details) {
	for _, d := range l.All {
		if d.Dormant(l.Now) {
			list = append(list, d)
		}
	}
	return list
}

// bulkAddress is the page that asks before it does something with several.
func bulkAddress(do Do, list []delegation.Details) string {
	q := url.Values{"do": {string(do)}}
	for _, d := range list {
		q.Add("id", d.ID)
	}
	return "/delegations/bulk?" + q.Encode()
}

// extendTitle is what a later end, or the first one, is called.
func (o One) extendTitle(ctx context.Context) string {
	if o.EndsAt == nil {
		return i18n.T(ctx, "delegation.set_end.title")
	}
	return i18n.T(ctx, "delegation.extend.title")
}

func (o One) extendText(ctx context.Context) string {
	if o.EndsAt == nil {
		return i18n.T(ctx, "delegation.set_end.text", "Name", o.Person())
	}
	return i18n.T(ctx, "delegation.extend.text", "Name", o.Person())
}

// questionTitle is what the superusers are asked.
func (o One) questionTitle(ctx context.Context) string {
	if o.Question == delegation.GranterGone {
		return i18n.T(ctx, "delegation.question.granter.title", "Granter", o.GrantedByName)
	}
	return i18n.T(ctx, "delegation.question.review.title", "Name", o.Person())
}

func (o One) questionText(ctx context.Context) string {
	when := i18n.From(ctx).DateTime(o.AnswerBy.Time)
	if o.Question == delegation.GranterGone {
		return i18n.T(ctx, "delegation.question.granter.text", "Granter", o.GrantedByName, "Host", o.Host.Name, "When", when)
	}
	return i18n.T(ctx, "delegation.question.review.text", "When", when)
}

// keep is the answer that lets it go on.
func (o One) keep(ctx context.Context) string {
	if o.Question == delegation.ReviewDue || o.EndsAt == nil {
		return i18n.T(ctx, "delegation.question.keep")
	}
	return i18n.T(ctx, "delegation.confirm")
}

// wanted is what the consultant asks for, with the end that it would have if it
// were given now.
func (o One) wanted(ctx context.Context) string {
	ends, ok := o.MorePeriod.End(o.Now, o.Extend.Host.Zone(), o.MoreDate)
	if !ok || ends == nil {
		return i18n.T(ctx, "delegation.more.plain", "Name", o.Person())
	}
	return i18n.T(ctx, "delegation.more.title", "Name", o.Person(), "Until", i18n.From(ctx).ShortDateTime(o.Now, ends.Time))
}

// noteField is the note that goes with a refusal.
func (o One) noteField(ctx context.Context) ui.Control {
	return ui.Control{Name: "note", Label: i18n.T(ctx, "delegation.more.note", "Name", o.Person()), Optional: true, Error: wrongOf(ctx, o.Wrong, "note")}
}

// Do is what can be done with several delegations at once.
type Do string

// The four.
const (
	DoExtend  Do = "extend"
	DoShorten Do = "shorten"
	DoNarrow  Do = "narrow"
	DoRevoke  Do = "revoke"
)

// Known says whether it is one of the four.
func (d Do) Known() bool { return d == DoRevoke || d == DoNarrow || d.SetsEnd() }

// SetsEnd says whether it asks for an end.
func (d Do) SetsEnd() bool { return d == DoExtend || d == DoShorten }

// Bulk is the page that asks before it changes several delegations.
type Bulk struct {
	Do     Do
	Host   models.Party
	Can    []delegation.Details // what will be changed
	Cannot []delegation.Details // what is over
	Extend Periods
	Narrow Narrow
	Now    time.Time
}

func (b Bulk) title(ctx context.Context) string {
	return i18n.N(ctx, "delegation.bulk."+string(b.Do)+".title", len(b.Can))
}

// Result is what became of one of several delegations.
type Result struct {
	Name  string // empty: it is not there any more
	ID    string
	Waits bool            // for another superuser: it is as it was until then
	Why   *models.Message // why it was not changed, or nil
}

// Done is the page that says what became of several delegations.
type Done struct {
	Do      Do
	Results []Result
}

// text says how many were changed, and how many not.
func (d Done) text(ctx context.Context) string {
	failed, waiting := 0, 0
	for _, r := range d.Results {
		switch {
		case r.Why != nil:
			failed++
		case r.Waits:
			waiting++
		}
	}
	done, key := len(d.Results)-failed-waiting, "delegation.bulk.extended"
	switch d.Do {
	case DoRevoke:
		key = "delegation.bulk.revoked"
	case DoNarrow:
		key = "delegation.bulk.narrowed"
	}
	text := i18n.T(ctx, "delegation.bulk.nothing")
	if done > 0 {
		text = i18n.N(ctx, key, done)
	}
	if waiting > 0 {
		text += " " + i18n.N(ctx, "delegation.bulk.waiting", waiting)
	}
	if failed > 0 {
		text += " " + i18n.N(ctx, "delegation.bulk.failed", failed)
	}
	return text
}

// fine is what stands beside one that was changed.
func (d Done) fine(ctx context.Context) string {
	switch d.Do {
	case DoRevoke:
		return i18n.T(ctx, "delegation.bulk.ok.revoked")
	case DoShorten:
		return i18n.T(ctx, "delegation.bulk.ok.shortened")
	case DoNarrow:
		return i18n.T(ctx, "delegation.bulk.ok.narrowed")
	}
	return i18n.T(ctx, "delegation.bulk.ok.extended")
}

// text says what changing them does.
func (b Bulk) text(ctx context.Context) string {
	if b.Do == DoRevoke {
		return i18n.T(ctx, "delegation.bulk.revoke.text", "Host", b.Host.Name)
	}
	return i18n.T(ctx, "delegation.bulk."+string(b.Do)+".text")
}

// button does it, and says for how many.
func (b Bulk) button(ctx context.Context) ui.Btn {
	if b.Do == DoRevoke {
		return ui.Btn{Kind: ui.DangerSolid, Icon: "ban", Label: i18n.N(ctx, "delegation.bulk.revoke.do", len(b.Can))}
	}
	return ui.Btn{Kind: ui.Primary, Icon: "calendar-plus", Label: i18n.N(ctx, "delegation.bulk."+string(b.Do)+".do", len(b.Can))}
}
