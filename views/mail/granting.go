package mail

import "locum/models/mail"

// approvalAsked asks a superuser to decide about what another proposes.
func (w writer) approvalAsked(c mail.ApprovalAsked) letter {
	by, kind := plain(c.By), "approval"
	own := append(w.fact("mail.fact.proposed_by", by), w.fact("mail.fact.answer_before", w.DateTime(c.Due.Time))...)
	if c.Amends {
		kind = "approval_change"
		own = append(own, w.was("mail.fact.before", w.end(c.Before), w.end(c.Ends))...)
		own = append(own, w.was("mail.fact.roles_before", w.roles(c.RolesBefore), w.roles(c.Roles))...)
	} else {
		c.GivenBy = "" // nobody has given it yet
	}
	s := w.story(c.Delegated)
	l := s.toSuperuser(kind, own, "By", by, "Due", c.Due)
	l.action = link{w.T("mail.approval.action"), s.links.Approval(s.Host.ID, s.Delegation)}
	if !c.Amends { // there is no activity yet, and nothing to revoke
		l.second, l.revoke = link{}, link{}
	}
	return l
}

// approvalAnswered tells a superuser what became of what he proposed.
func (w writer) approvalAnswered(c mail.ApprovalAnswered) letter {
	kind := map[string]string{"approved": "proposal.approved", "rejected": "proposal.rejected"}[c.Outcome]
	if kind == "" {
		kind = "proposal.lapsed"
	}
	by := plain(c.By)
	own := append(w.fact("mail.fact.decided_by", by), w.fact("mail.fact.note", plain(c.Note))...)
	l := w.story(c.Delegated).toSuperuser(kind, own, "By", by)
	if c.Outcome != "approved" && !c.Amends { // it was never given
		return l.ended()
	}
	return l
}

// amended tells what a delegation gives from now on, and what it gave before.
func (w writer) amended(c mail.Amended) letter {
	s, by := w.story(c.Delegated), plain(c.By)
	own := append(w.fact("mail.fact.changed_by", by), w.was("mail.fact.before", w.end(c.Before), w.end(c.Ends))...)
	own = append(own, w.was("mail.fact.roles_before", w.roles(c.RolesBefore), w.roles(c.Roles))...)
	own = append(own, w.fact("mail.fact.applications", w.names(c.Applications))...)
	own = append(own, w.was("mail.fact.applications_before", w.names(c.ApplicationsBefore), w.names(c.Applications))...)
	if c.ToConsultant {
		return s.toConsultant("amended.consultant", own, "By", by)
	}
	l := s.toSuperuser("amended", own, "By", by)
	if c.Widened {
		l.lead = append(l.lead, s.t("mail.amended.widened"))
	}
	return l
}

// roles lists roles by their names.
func (w writer) roles(list []string) string {
	return w.List(w.Locale.Roles(plainAll(list)))
}

// was is a fact of what was before a change; none where it stays as it is.
func (w writer) was(key, before, now string) []fact {
	if before == now {
		return nil
	}
	return w.fact(key, before)
}

// names lists names, or says that there are none.
func (w writer) names(list []string) string {
	if len(list) == 0 {
		return w.T("mail.applications.none")
	}
	return w.List(plainAll(list))
}

// Approval is a delegation for superusers of its host, at the proposal about it.
func (l Links) Approval(organization, delegation string) string {
	return l.Delegation(organization, delegation) + "/approval"
}
