package mail

import (
	"time"

	"locum/models/delegation"
	"locum/models/mail"
	"locum/views/i18n"
)

// entered tells a superuser that a visit began.
func (w writer) entered(c mail.Entered) letter {
	s := w.story(c.Delegated)
	own := append(w.fact("mail.fact.entered", w.DateTime(c.At.Time)), w.fact("mail.fact.address", plain(c.Address))...)
	own = append(own, w.fact("mail.fact.device", plain(c.Device))...)
	l := s.toSuperuser("entered", own, "At", c.At)
	if s.Firm.Name != "" {
		l.lead[0] = s.t("mail.entered.lead.firm")
	}
	l.lead = append(l.lead, s.strange(c)...)
	l.action, l.second = s.visitLinks(c.Visit, w.T("mail.entered.action"))
	return l
}

// left tells a superuser that a visit ended, how, and what was done in it.
func (w writer) left(c mail.Left) letter {
	s := w.story(c.Delegated)
	lasted := w.lasted(c.At.Sub(c.Entered.Time))
	own := append(w.fact("mail.fact.entered", w.DateTime(c.Entered.Time)), w.fact("mail.fact.left", w.DateTime(c.At.Time))...)
	own = append(own, w.fact("mail.fact.lasted", lasted)...)
	own = append(own, w.fact("mail.fact.ended_how", w.because("mail.left.because.", c.Why))...)
	own = append(own, w.fact("mail.fact.done", w.done(c.Done))...)
	l := s.toSuperuser("left", own, "Lasted", lasted, "At", c.At)
	if s.stays(c) {
		l.note = []string{s.t("mail.left.stays")}
	}
	l.action, l.second = s.visitLinks(c.Visit, w.T("mail.left.action"))
	if s.gone(c) {
		return l.ended()
	}
	return l
}

// visitLinks are the activity of a visit, and the delegation.
func (s story) visitLinks(visit, label string) (action, second link) {
	return link{label, s.links.Visit(s.Host.ID, visit)}, link{s.T("mail.action.delegation"), s.links.Delegation(s.Host.ID, s.Delegation)}
}

// gone says whether the delegation ended for good with the visit.
func (s story) gone(c mail.Left) bool {
	switch delegation.LeaveReason(c.Why) {
	case delegation.ByExpiry, delegation.ByRevocation, delegation.ByGivingBack:
		return true
	}
	return s.Ends != nil && !c.At.Before(s.Ends.Time)
}

// stays says whether the delegation lets its consultant in after the visit.
func (s story) stays(c mail.Left) bool {
	switch delegation.LeaveReason(c.Why) {
	case delegation.BySuspension, delegation.Closed:
		return false
	}
	return !s.gone(c)
}

// lasted is how long a visit was, as a part of a sentence.
func (w writer) lasted(d time.Duration) string {
	if d < time.Minute {
		return w.T("mail.moment")
	}
	return w.Period(d)
}

// done sums up a visit: what happened how often. Types without words of their
// own are counted together.
func (w writer) done(lines []mail.Line) string {
	var said []string
	others := 0
	for _, line := range lines {
		key := "mail.done." + line.Type
		if !i18n.Has(key) {
			others += line.Count
			continue
		}
		if line.Count > 0 {
			said = append(said, w.N(key, line.Count))
		}
	}
	if others > 0 {
		said = append(said, w.N("mail.done.other", others))
	}
	if len(said) == 0 {
		return w.T("mail.done.nothing")
	}
	return w.List(said)
}
