package mail

import (
	"locum/models/mail"
	"locum/models/tenancy"
)

// digest sums up a day for a superuser: a section for each delegation, which
// says what happened and whether that is normal.
func (w writer) digest(c mail.Digest) letter {
	place := tidyPlace(c.Host)
	names := []any{"Host", place.Name, "Day", w.Date(c.To.Time)}
	count := c.More
	l := letter{place: place, band: w.T("mail.band.digest"), subject: w.T("mail.digest.subject", names...), title: w.T("mail.digest.title", names...)}
	for _, of := range c.Of {
		l.sections = append(l.sections, w.digested(of))
		count += len(of.Lines)
	}
	l.preview = w.N("mail.digest.preview", count)
	l.lead = []string{w.N("mail.digest.lead", count, names...)}
	if c.More > 0 {
		l.note = []string{w.N("mail.digest.more", c.More)}
	}
	l.action = link{w.T("mail.digest.action"), w.links.Inbox()}
	l.second = link{w.T("mail.action.settings"), w.links.Watches(place.ID)}
	l.why = []string{w.T("mail.digest.why", names...)}
	return w.finish(l)
}

// digested is what a digest says of one delegation.
func (w writer) digested(of mail.Digested) section {
	s := w.story(of.Delegated)
	part := section{title: s.names[1].(string)}
	for _, line := range of.Lines {
		part.facts = append(part.facts, fact{w.DateTime(line.At.Time), s.line(line)})
	}
	part.facts = append(part.facts, s.background()...)
	part.links = []link{{s.T("mail.action.activity"), s.links.Activity(s.Host.ID, s.Delegation)}, {s.T("mail.action.revoke"), s.links.Revoke(s.Host.ID, s.Delegation)}}
	return part
}

// line is one thing that happened, in a digest.
func (s story) line(l mail.DigestLine) string {
	switch {
	case l.Kind == mail.AnsweredKind && l.Yes:
		return s.T("mail.digest.accepted")
	case l.Kind == mail.AnsweredKind:
		return s.T("mail.digest.declined")
	case l.Kind == mail.TokenMadeKind:
		return s.T("mail.digest.token_made", "Name", plain(l.Name))
	case l.Entered == nil:
		return s.T("mail.digest.entered")
	}
	said := s.T("mail.digest.left", "Entered", s.DateTime(l.Entered.Time), "Lasted", s.lasted(l.At.Sub(l.Entered.Time)), "Done", s.done(l.Done))
	if why := s.because("mail.left.because.", l.Why); why != "" {
		said += " " + s.T("mail.digest.because", "Why", why)
	}
	return said
}

// watchChanged tells the other superusers who muted a delegation for himself.
func (w writer) watchChanged(c mail.WatchChanged) letter {
	s, kind := w.story(c.Delegated), "unmuted"
	own := w.fact("mail.fact.superuser", plain(c.Superuser))
	more := []any{"Superuser", plain(c.Superuser)}
	if c.Until != nil {
		kind = "muted"
		own = append(own, w.fact("mail.fact.muted_until", w.DateTime(c.Until.Time))...)
		more = append(more, "End", w.DateTime(c.Until.Time))
	}
	return s.toSuperuser(kind, own, more...)
}

// muteEnded tells a superuser that he gets mails again.
func (w writer) muteEnded(c mail.MuteEnded) letter {
	s, kind := w.story(c.Delegated), "mute_over"
	if c.Mode == string(tenancy.Digest) {
		kind = "mute_endless"
	}
	return s.toSuperuser(kind, nil)
}

// unwatched tells that a superuser is no longer reached by mail.
func (w writer) unwatched(c mail.Unwatched) letter {
	place, person := tidyPlace(c.Host), plain(c.Person)
	names := []any{"Host", place.Name, "Person", person, "Email", plain(c.Email)}
	kind := map[string]string{"bounced": "bounced", "lost": "lost"}[c.Why]
	if kind == "" {
		kind = "unheard"
	}
	l := letter{place: place, band: w.T("mail.band.delegation"),
		subject: w.T("mail."+kind+".subject", names...), preview: w.T("mail."+kind+".preview", names...),
		title: w.T("mail."+kind+".title", names...), lead: []string{w.T("mail."+kind+".lead", names...)}}
	l.facts = append(l.facts, w.fact("mail.fact.superuser", person)...)
	l.facts = append(l.facts, w.fact("mail.fact.refused_address", plain(c.Email))...)
	l.facts = append(l.facts, w.fact("mail.fact.since", w.DateTime(c.At.Time))...)
	if len(c.Names) > 0 {
		l.facts = append(l.facts, w.fact("mail.fact.again_of", w.List(plainAll(c.Names)))...)
		l.note = []string{w.T("mail.unwatched.again")}
	}
	l.action = link{w.T("mail.action.settings"), w.links.Watches(place.ID)}
	l.why = []string{w.T("mail.why.superuser", names...)}
	return w.finish(l)
}

// loosened tells the other superusers what their organization asks no longer.
func (w writer) loosened(c mail.Loosened) letter {
	place, by := tidyPlace(c.Host), plain(c.By)
	if by == "" { // nobody in person
		by = w.T("mail.loosened.configuration")
	}
	names := []any{"Host", place.Name, "By", by}
	what := make([]string, len(c.What))
	for i, one := range c.What {
		what[i] = w.T("mail.loosened.what." + one)
	}
	l := letter{place: place, band: w.T("mail.band.delegation"), subject: w.T("mail.loosened.subject", names...), preview: w.List(what),
		title: w.T("mail.loosened.title", names...), lead: []string{w.T("mail.loosened.lead", names...)},
		action: link{w.T("mail.loosened.action"), w.links.Asked(place.ID)}, why: []string{w.T("mail.why.superuser", names...)}}
	l.facts = append(l.facts, w.fact("mail.fact.loosened", w.List(what))...)
	l.facts = append(l.facts, w.fact("mail.fact.changed_by", by)...)
	l.facts = append(l.facts, w.fact("mail.fact.changed_at", w.DateTime(c.At.Time))...)
	return w.finish(l)
}

// test shows a person that mail reaches him.
func (w writer) test(c mail.Test) letter {
	at := w.DateTime(c.Asked.Time)
	return w.finish(letter{band: w.T("mail.band.code"), subject: w.T("mail.test.subject"), preview: w.T("mail.test.preview", "At", at),
		title: w.T("mail.test.title"), lead: []string{w.T("mail.test.lead", "At", at)},
		action: link{w.T("mail.test.action"), w.links.Inbox()}, why: []string{w.T("mail.test.why", "Site", w.links.Site())}})
}

// strange are the lines of a mail that say why it was sent in spite of a mute.
func (s story) strange(c mail.Entered) (lines []string) {
	if c.First {
		lines = append(lines, s.t("mail.entered.first"))
	}
	if c.Strange {
		lines = append(lines, s.t("mail.entered.strange"))
	}
	if c.Silent {
		lines = append(lines, s.t("mail.entered.silent"))
	}
	return lines
}
