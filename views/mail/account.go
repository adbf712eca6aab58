package mail

import (
	"strings"

	"locum/models/mail"
)

// code is the mail with a sign-in code. The subject leaves the code out, since
// mail servers log subjects; the preview has it, since people read it there.
func (w writer) code(c SignInCode) letter {
	kind := "mail.code.sign_in."
	if c.SignUp {
		kind = "mail.code.sign_up."
	}
	names := []any{"Company", plain(c.SetUp), "Site", w.links.Site()}
	why, notYou := "mail.code.why", "mail.code.not_you"
	if c.SetUp != "" {
		kind, why, notYou = "mail.code.set_up.", "mail.code.set_up.why", "mail.code.set_up.not_you"
	}
	if c.BreakGlass != "" {
		why, notYou = "mail.break_glass.code.why", "mail.break_glass.code.not_you"
	}
	code := dashed(c.Value)
	l := letter{
		band:    w.T("mail.band.code"),
		subject: w.T(kind+"subject", names...),
		preview: w.T("mail.code.preview", "Code", code, "Expires", c.Expires),
		title:   w.T(kind+"title", names...),
		lead:    []string{w.T("mail.code.lead", "Expires", c.Expires)},
		code:    code,
		note:    []string{w.T(notYou)},
		why:     []string{w.T(why, names...)},
	}
	if company := plain(c.BreakGlass); company != "" {
		l.band = w.T("mail.band.break_glass")
		l.subject = w.T("mail.break_glass.code.subject", "Company", company)
		l.title = w.T("mail.break_glass.code.title", "Company", company)
		l.lead = append(l.lead, w.T("mail.break_glass.code.told", "Company", company))
	}
	return w.finish(l)
}

// dashed writes a code in two halves, which are easier to copy by hand.
func dashed(code string) string {
	code = strings.ToUpper(plain(code))
	if len(code) != 8 {
		return code
	}
	return code[:4] + "-" + code[4:]
}

// memberInvitation asks somebody to become a member.
func (w writer) memberInvitation(c mail.MemberInvitation) letter {
	host, by := tidyPlace(c.Host), plain(c.InvitedBy)
	names := []any{"By", by, "Host", host.Name, "Expires", c.Expires}
	l := letter{
		place:   host,
		band:    w.T("mail.band.member"),
		subject: w.T("mail.member.subject", names...),
		preview: w.T("mail.member.preview", names...),
		title:   w.T("mail.member.title", names...),
		lead:    []string{w.T("mail.member.lead", names...)},
		note:    []string{w.T("mail.member.note", names...)},
		action:  link{w.T("mail.member.action"), w.links.MemberInvitation(c.Invitation)},
		why:     []string{w.T("mail.member.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.organization", w.party(host))...)
	l.facts = append(l.facts, w.fact("mail.fact.invited_by", by)...)
	l.facts = append(l.facts, w.fact("mail.fact.roles", w.List(w.Roles(plainAll(c.Roles))))...)
	l.facts = append(l.facts, w.fact("mail.fact.answer_before", w.DateTime(c.Expires.Time))...)
	return w.finish(l)
}
