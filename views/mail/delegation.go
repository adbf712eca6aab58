package mail

import (
	"locum/models"
	"locum/models/mail"
	"locum/views/i18n"
)

// invitation offers a delegation to the consultant.
func (w writer) invitation(c mail.Invitation) letter {
	s := w.story(c.Delegated)
	l := s.toConsultant("invitation", nil)
	l.band = w.T("mail.band.offer")
	l.note = []string{s.t("mail.invitation.note")}
	l.action.label = w.T("mail.invitation.action")
	l.why[0] = s.t("mail.invitation.why")
	return l
}

// granted tells the other superusers that a delegation was given.
func (w writer) granted(c mail.Granted) letter {
	return w.story(c.Delegated).toSuperuser("granted", nil)
}

// answered tells the superusers what the consultant said.
func (w writer) answered(c mail.Answered) letter {
	if c.Accepted {
		return w.story(c.Delegated).toSuperuser("accepted", nil)
	}
	return w.story(c.Delegated).toSuperuser("declined", nil).ended()
}

// extended tells of a new end, sooner or later than it was.
func (w writer) extended(c mail.Extended) letter {
	s, by := w.story(c.Delegated), plain(c.By)
	own := append(w.fact("mail.fact.changed_by", by), w.fact("mail.fact.before", w.end(c.Before))...)
	if c.ToConsultant {
		return s.toConsultant("extended.consultant", own, "By", by)
	}
	return s.toSuperuser("extended", own, "By", by)
}

// revoked tells that it is over before its time.
func (w writer) revoked(c mail.Revoked) letter {
	s, by := w.story(c.Delegated), plain(c.By)
	kind, who := "revoked", "mail.fact.revoked_by"
	if c.GivenBack {
		kind, who = "given_back", "mail.fact.given_back_by"
	}
	own := append(w.fact("mail.fact.ended", w.DateTime(c.At.Time)), w.fact(who, by)...)
	return s.over(kind, own, c.ToConsultant, c.At, "By", by).ended()
}

// expired tells that the period is over.
func (w writer) expired(c mail.Expired) letter {
	own := append(w.fact("mail.fact.ended", w.DateTime(c.At.Time)), w.fact("mail.fact.visits", w.Number(c.Visits))...)
	return w.story(c.Delegated).over("expired", own, c.ToConsultant, c.At).ended()
}

// suspended tells that nobody can enter for now.
func (w writer) suspended(c mail.Suspended) letter {
	own := append(w.fact("mail.fact.suspended", w.DateTime(c.At.Time)), w.fact("mail.fact.because", w.because("mail.suspended.because.", c.Why))...)
	return w.story(c.Delegated).over("suspended", own, c.ToConsultant, c.At)
}

// over is a mail of a delegation that lets nobody in, for good or for now.
func (s story) over(kind string, own []fact, toConsultant bool, at models.Instant, more ...any) letter {
	more = append(more, "At", at)
	if toConsultant {
		return s.toConsultant(kind+".consultant", own, more...)
	}
	return s.toSuperuser(kind, own, more...)
}

// because words a reason of the domain; one without words of its own is left
// out.
func (w writer) because(prefix, reason string) string {
	if reason == "" || !i18n.Has(prefix+reason) {
		return ""
	}
	return w.T(prefix + reason)
}
