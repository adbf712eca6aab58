package mail

import "locum/models/mail"

// expiring tells that a delegation ends soon.
func (w writer) expiring(c mail.Expiring) letter {
	s := w.story(c.Delegated)
	own := append(w.fact("mail.fact.ends", w.end(c.Ends)), w.fact("mail.fact.visits", w.Number(c.Visits))...)
	if c.ToConsultant {
		l := s.toConsultant("expiring.consultant", own, "Ends", w.end(c.Ends))
		l.action.label = s.T("mail.expiring.more")
		return l
	}
	l := s.toSuperuser("expiring", own, "Ends", w.end(c.Ends))
	l.note = []string{s.t("mail.expiring.done")}
	l.action.label = s.T("mail.expiring.action")
	return l
}

// question asks a superuser whether a delegation goes on.
func (w writer) question(c mail.Question) letter {
	kind := "granter"
	if c.Why == "review" {
		kind = "review"
	}
	s := w.story(c.Delegated)
	l := s.toSuperuser(kind, w.fact("mail.fact.answer_before", w.DateTime(c.AnswerBy.Time)), "AnswerBy", c.AnswerBy)
	if c.Again {
		l.lead = append(l.lead, s.t("mail.question.again"))
	}
	l.note = []string{s.t("mail.question.note", "AnswerBy", c.AnswerBy)}
	l.action.label = s.T("mail.question.action")
	return l
}

// confirmed tells that a suspension was lifted.
func (w writer) confirmed(c mail.Confirmed) letter {
	s, by := w.story(c.Delegated), plain(c.By)
	if c.ToConsultant {
		return s.toConsultant("confirmed.consultant", nil, "By", by)
	}
	return s.toSuperuser("confirmed", nil, "By", by)
}

// moreAsked tells a superuser that the consultant asks for more time.
func (w writer) moreAsked(c mail.MoreAsked) letter {
	s := w.story(c.Delegated)
	own := append(w.fact("mail.fact.wanted", w.DateTime(c.Wanted.Time)), w.fact("mail.fact.why_more", plain(c.Because))...)
	l := s.toSuperuser("more_asked", own, "Wanted", c.Wanted)
	l.action.label = s.T("mail.more_asked.action")
	return l
}

// moreRefused tells the consultant that he does not get more time.
func (w writer) moreRefused(c mail.MoreRefused) letter {
	s, by := w.story(c.Delegated), plain(c.By)
	return s.toConsultant("more_refused", w.fact("mail.fact.note", plain(c.Note)), "By", by)
}
