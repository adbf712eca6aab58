package mail

import "locum/models/mail"

// accessRequested tells a superuser that somebody asks for a delegation.
func (w writer) accessRequested(c mail.AccessRequested) letter {
	host, firm := tidyPlace(c.Host), tidyPlace(c.Firm)
	names := []any{"Person", plain(c.Person), "Email", plain(c.Email), "Host", host.Name, "Lapses", c.Lapses}
	l := letter{place: host, band: w.T("mail.band.delegation"), subject: w.T("mail.request.subject", names...), preview: w.T("mail.request.preview", names...),
		title: w.T("mail.request.title", names...), lead: []string{w.T("mail.request.lead", names...)},
		action: link{w.T("mail.request.action"), w.links.AccessRequest(host.ID, c.Request)}, why: []string{w.T("mail.why.superuser", names...)}}
	l.facts = append(l.facts, w.fact("mail.fact.who", w.T("mail.person", names...))...)
	l.facts = append(l.facts, w.fact("mail.fact.works_for", w.party(firm))...)
	l.facts = append(l.facts, w.fact("mail.fact.reason", story{writer: w, Delegated: mail.Delegated{Reason: plain(c.Reason), Ticket: plain(c.Ticket)}}.reason())...)
	period := w.T("delegation.period." + c.Period)
	if c.Date != "" {
		period = plain(c.Date)
	}
	l.facts = append(l.facts, w.fact("mail.fact.asked_for", period)...)
	l.facts = append(l.facts, w.fact("mail.fact.answer_before", w.DateTime(c.Lapses.Time))...)
	return w.finish(l)
}

// accessRequestRefused tells who asked that he gets none.
func (w writer) accessRequestRefused(c mail.AccessRequestRefused) letter {
	host, note := tidyPlace(c.Host), plain(c.Note)
	names := []any{"Host", host.Name, "Note", note}
	l := letter{place: host, band: w.T("mail.band.delegation"), subject: w.T("mail.request_refused.subject", names...), preview: w.T("mail.request_refused.preview", names...),
		title: w.T("mail.request_refused.title", names...), lead: []string{w.T("mail.request_refused.lead", names...)},
		action: link{w.T("mail.request_refused.action"), w.links.MyDelegations()}, why: []string{w.T("mail.request_refused.why", names...)}}
	l.facts = append(l.facts, w.fact("mail.fact.organization", w.party(host))...)
	l.facts = append(l.facts, w.fact("mail.fact.you_asked", story{writer: w, Delegated: mail.Delegated{Reason: plain(c.Reason), Ticket: plain(c.Ticket)}}.reason())...)
	l.facts = append(l.facts, w.fact("mail.fact.note", note)...)
	return w.finish(l)
}

// firmLetter is what the mails about one delegation to a firm share.
func (w writer) firmLetter(kind string, c mail.FirmDelegated, toFirm bool, more ...any) letter {
	host, firm := tidyPlace(c.Host), tidyPlace(c.Firm)
	names := append([]any{"Host", host.Name, "Firm", firm.Name, "GivenBy", plain(c.GivenBy), "Until", w.until(c.Ends), "Starts", c.Starts}, more...)
	l := letter{place: host, band: w.T("mail.band.firm"), subject: w.T("mail."+kind+".subject", names...), preview: w.T("mail."+kind+".preview", names...),
		title: w.T("mail."+kind+".title", names...), lead: []string{w.T("mail."+kind+".lead", names...)}}
	if toFirm {
		l.facts = append(l.facts, w.fact("mail.fact.organization", w.party(host))...)
		l.action = link{w.T("mail.firm.action.firm"), w.links.FirmGrant(c.ID)}
		l.why = []string{w.T("mail.firm.why.firm", names...)}
	} else {
		l.facts = append(l.facts, w.fact("mail.fact.firm", w.party(firm))...)
		l.action = link{w.T("mail.firm.action"), w.links.Firm(host.ID, c.ID)}
		l.second = link{w.T("mail.action.activity"), w.links.DelegationActivity(host.ID)}
		l.revoke = link{w.T("mail.firm.action.end"), w.links.EndFirm(host.ID, c.ID)}
		l.settings = link{w.T("mail.action.settings"), w.links.Watches(host.ID)}
		l.why = []string{w.T("mail.why.superuser", names...)}
	}
	l.facts = append(l.facts, w.fact("mail.fact.given_by", plain(c.GivenBy))...)
	l.facts = append(l.facts, w.fact("mail.fact.reason", story{writer: w, Delegated: mail.Delegated{Reason: plain(c.Reason), Ticket: plain(c.Ticket)}}.reason())...)
	l.facts = append(l.facts, w.fact("mail.fact.people", w.Number(c.People))...)
	l.facts = append(l.facts, w.fact("mail.fact.roles", w.List(w.Roles(plainAll(c.Roles))))...)
	l.facts = append(l.facts, w.fact("mail.fact.from", w.DateTime(c.Starts.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.until", w.end(c.Ends))...)
	return w.finish(l)
}

// firmGiven tells a manager of the firm that it may name people.
func (w writer) firmGiven(c mail.FirmGiven) letter {
	if c.Extended {
		return w.firmLetter("firm_extended.firm", c.FirmDelegated, true)
	}
	return w.firmLetter("firm_given", c.FirmDelegated, true)
}

// firmGranted tells the other superusers.
func (w writer) firmGranted(c mail.FirmGranted) letter {
	if c.Extended {
		return w.firmLetter("firm_extended", c.FirmDelegated, false, "By", plain(c.By))
	}
	return w.firmLetter("firm_granted", c.FirmDelegated, false, "By", plain(c.By))
}

// firmProposed asks the other superusers to approve.
func (w writer) firmProposed(c mail.FirmProposed) letter {
	if c.Extends {
		l := w.firmLetter("firm_wanted", c.FirmDelegated, false, "Lapses", c.Lapses, "By", plain(c.By))
		l.facts = append(l.facts, w.fact("mail.fact.before", w.end(c.Before))...)
		l.facts = append(l.facts, w.fact("mail.fact.answer_before", w.DateTime(c.Lapses.Time))...)
		return l
	}
	l := w.firmLetter("firm_proposed", c.FirmDelegated, false, "Lapses", c.Lapses).ended() // nothing is given yet
	l.facts = append(l.facts, w.fact("mail.fact.answer_before", w.DateTime(c.Lapses.Time))...)
	return l
}

// firmOver tells both sides of its end.
func (w writer) firmOver(c mail.FirmOver) letter {
	kind := "firm_over"
	if c.ToFirm {
		kind = "firm_over.firm"
	}
	return w.firmLetter(kind, c.FirmDelegated, c.ToFirm, "By", plain(c.By), "At", c.At).ended()
}

// firmPerson tells a superuser whom a firm named.
func (w writer) firmPerson(c mail.FirmPerson) letter {
	l := w.story(c.Delegated).toSuperuser("firm_person", w.fact("mail.fact.named_by_firm", plain(c.By)), "By", plain(c.By))
	l.action = link{w.T("mail.firm.action"), w.links.Firm(c.Host.ID, c.FirmDelegation)}
	return l
}

// firmExpiring tells both sides that a delegation to a firm ends soon.
func (w writer) firmExpiring(c mail.FirmExpiring) letter {
	kind := "firm_expiring"
	if c.ToFirm {
		kind = "firm_expiring.firm"
	}
	l := w.firmLetter(kind, c.FirmDelegated, c.ToFirm, "Ends", w.end(c.Ends))
	l.facts = append(l.facts, w.fact("mail.fact.named", w.Number(c.Named))...)
	return l
}

// firmExpired tells both sides that its period is over.
func (w writer) firmExpired(c mail.FirmExpired) letter {
	if c.ToFirm {
		return w.firmLetter("firm_expired.firm", c.FirmDelegated, true, "At", c.At)
	}
	return w.firmLetter("firm_expired", c.FirmDelegated, false, "At", c.At).ended()
}

// firmQuestion asks a superuser whether it goes on.
func (w writer) firmQuestion(c mail.FirmQuestion) letter {
	kind := "firm_granter"
	if c.Why == "review" {
		kind = "firm_review"
	}
	l := w.firmLetter(kind, c.FirmDelegated, false, "AnswerBy", c.AnswerBy)
	if c.Again {
		l.lead = append(l.lead, w.T("mail.question.again"))
	}
	l.facts = append(l.facts, w.fact("mail.fact.answer_before", w.DateTime(c.AnswerBy.Time))...)
	return l
}

// firmHeld tells both sides that it is suspended.
func (w writer) firmHeld(c mail.FirmHeld) letter {
	kind := "firm_held"
	if c.ToFirm {
		kind = "firm_held.firm"
	}
	l := w.firmLetter(kind, c.FirmDelegated, c.ToFirm)
	if !c.ToFirm {
		l.facts = append(l.facts, w.fact("mail.fact.because", w.because("mail.suspended.because.", c.Why))...)
	}
	return l
}

// firmResumed tells both sides that it goes on.
func (w writer) firmResumed(c mail.FirmResumed) letter {
	if c.ToFirm {
		return w.firmLetter("firm_resumed.firm", c.FirmDelegated, true, "By", plain(c.By))
	}
	return w.firmLetter("firm_resumed", c.FirmDelegated, false, "By", plain(c.By))
}

// firmAnswered tells who proposed it what became of it.
func (w writer) firmAnswered(c mail.FirmAnswered) letter {
	kind := "firm_answered"
	if c.Extends {
		kind = "firm_answered.extension"
	}
	l := w.firmLetter(kind+"."+c.Outcome, c.FirmDelegated, false, "By", plain(c.By))
	if c.Outcome != "approved" && !c.Extends { // it was never given
		return l.ended()
	}
	return l
}
