package main

import (
	"slices"
	"strings"
	"testing"
)

// formRefuses sends the form of a delegation wrong in every way.
func formRefuses(t *testing.T, s *story) {
	m := s.as(t, marieke)
	m.open("/delegations")
	m.finds(`main table a[href^="/delegations/"]`)
	m.click(`main table a[href^="/delegations/dlg"]`)
	m.finds("#visits")
	s.foreign = m.path()

	v := s.as(t, karin)
	v.signsIn(karin)
	v.enters("Zonneveld Bakkerijen")
	v.press("Delegations")
	v.at("/delegations")
	for _, state := range []string{"Here now", "Expiring soon", "Open-ended", "Expired", "Revoked", "Invitation sent"} {
		v.sees(state)
	}
	v.finds("svg.lane")
	v.press("New delegation")
	v.at("/delegations/new")
	v.shows("#preview", "This fills in when there is an e-mail address.")
	wrong := func(field, message string) {
		v.press("Give delegation")
		v.shows("#"+field+"-error", message)
		v.finds("#errors")
		v.at("/delegations/new")
	}
	wrong("email", "Fill this in.")
	v.fill("#email", "noor@")
	wrong("email", "")
	v.fill("#email", "KARIN@zonneveld.example")
	wrong("email", "This is your own address.")
	v.fill("#email", ria)
	wrong("email", "This person is a member here already.")
	v.fill("#email", "sanne@kade.example")
	v.press("Give delegation")
	v.sees("sanne@kade.example has a delegation here already")
	v.open("/delegations/new")
	v.fill("#email", noor)
	v.choose(`input[name="period"][value="date"]`)
	v.fill("#date", "1-2-2020")
	wrong("date", "Choose a day that is not over yet.")
	v.fill("#date", "soon")
	wrong("date", "Write a day such as")
}

func delegationGiven(t *testing.T, s *story) {
	v := s.as(t, karin)
	before := s.postmark(t)
	v.open("/delegations/new")
	v.finds(`input[name="period"][value="1w"]:checked`)
	v.fill("#email", noor)
	v.shows("#preview", noor+" may work in Zonneveld Bakkerijen as Member for 1 week, from now until ")
	v.choose(`input[name="period"][value="none"]`)
	v.shows("#preview", "without an end date")
	v.choose(`input[name="period"][value="1w"]`)
	v.shows("#preview", "for 1 week")
	v.fill("#reason", "Repair the invoice match")
	v.fill("#ticket", "INC-5012")
	v.press("Give delegation")
	v.sees(noor + " gets an invitation.")
	s.delegation = v.path()
	v.sees("Invitation sent")

	m := s.mail(t, before, noor, "Karin Schouten lets you work in Zonneveld Bakkerijen")
	for _, said := range []string{"Repair the invoice match", "INC-5012"} {
		if !strings.Contains(m.Text, said) || !strings.Contains(m.HTML, said) {
			t.Errorf("the invitation does not say %q:\n%s", said, m.Text)
		}
	}
	s.mail(t, before, pim, "Noor") // told in his own language; the subject names her address
	if list := s.mails(t, map[string][]string{"after": {before}, "to": {ria}}); len(list) > 0 {
		t.Errorf("who is no superuser was told too: %s", list[0].Subject)
	}
}

func othersSeeNoDelegations(t *testing.T, s *story) {
	v := s.as(t, ria)
	v.signsIn(ria)
	v.enters("Zonneveld Bakkerijen")
	v.finds(`#nav a[href="/members"]`)
	v.lacks(`#nav a[href="/delegations"]`)
	v.open("/delegations")
	v.finds(".code-n")
	if got := v.status("/delegations"); got != 403 {
		t.Errorf("GET /delegations answers %d to a member", got)
	}
	if got := v.status(s.delegation); got != 403 {
		t.Errorf("GET a delegation answers %d to a member", got)
	}

	k := s.as(t, karin)
	k.open(s.foreign)
	foreign := k.text("main")
	k.open("/delegations/dlg_00000000000000000000000000")
	if unknown := k.text("main"); unknown != foreign || k.status(s.foreign) != 404 || !strings.Contains(unknown, "404") {
		t.Errorf("another organization's delegation answers %d %q, an unknown one %q", k.status(s.foreign), foreign, unknown)
	}
}

// membersComeAndStay invites somebody, who signs up, and changes what she may.
func membersComeAndStay(t *testing.T, s *story) {
	v := s.as(t, karin)
	before := s.postmark(t)
	v.open("/members")
	v.press("Invite a member")
	v.at("/members/invite")
	v.press("Send invitation")
	v.shows("#email-error", "Fill this in")
	v.fill("#email", nina)
	v.press("Send invitation")
	v.sees(nina + " is invited.")
	link := linkIn(t, s.mail(t, before, nina, ""), "/invitations/")

	n := s.as(t, nina)
	n.open(link)
	n.at("/sign-in")
	n.sees("Something waits for you")
	n.entersCode(nina)
	n.at("/sign-up/finish")
	n.fill("#name", "Nina Vermeer")
	n.fill("#organization", "Nina Vermeer Advies")
	n.click("main form .btn-primary")
	n.sees("Become a member of Zonneveld Bakkerijen")
	n.press("Become a member")
	n.sees("You are a member of Zonneveld Bakkerijen now.")

	v.open("/members?q=Nina")
	v.click("main a text=Nina Vermeer")
	v.finds(`#change input[name="role"]`)
	v.lacks(`#change input[name="role"][value="rol_superuser"]:checked`)
	v.choose(`#change input[name="role"][value="rol_superuser"]`)
	v.press("Save roles")
	v.sees("The roles are saved.")
	v.shows("#roles", "Superuser")
	v.choose(`#change input[name="role"][value="rol_superuser"]`)
	if v.status("/members") != 200 {
		t.Error("Karin lost her own")
	}
	v.finds(`#change input[name="role"]:checked`)
	v.press("Save roles")
	v.waits(`!!document.querySelector("#roles") && !document.querySelector("#roles").innerText.includes("Superuser")`, "for the role to go")

	// In her own organization she is the only one, and stays.
	n.enters("Nina Vermeer Advies")
	n.open("/members")
	n.click("main a text=Nina Vermeer")
	n.finds(`#change input[name="role"][value="rol_superuser"]:checked`)
	n.choose(`#change input[name="role"][value="rol_superuser"]`)
	n.choose(`#change input[name="role"][value="rol_member"]`)
	n.press("Save roles")
	n.sees("This is the last superuser.")
	n.open(strings.TrimSuffix(n.path(), "/roles") + "/remove")
	n.press("Remove from members")
	n.sees("This is the last superuser.")

	// In Zonneveld's she goes, and it is gone for her.
	v.press("Remove from members")
	v.click("dialog[open] button text=Remove from members")
	v.sees("Nina Vermeer is no member any more.")
	n.open("/home")
	n.finds(".places")
	n.misses("Zonneveld Bakkerijen")
}

// linkIn is the link of a mail whose address holds a part.
func linkIn(t *testing.T, m letter, part string) string {
	t.Helper()
	i := slices.IndexFunc(m.Links, func(link string) bool { return strings.Contains(link, part) })
	if i < 0 {
		t.Fatalf("the mail %q holds no link to %s: %q", m.Subject, part, m.Links)
	}
	return m.Links[i]
}

func consultantAccepts(t *testing.T, s *story) {
	link := linkIn(t, s.mail(t, "0", noor, "Karin Schouten lets you work"), "/offers/")
	v := s.as(t, noor)
	v.open(link)
	v.at("/sign-in")
	v.press("Sign up")
	v.at("/sign-up")
	before := s.postmark(t)
	v.fill("#name", "Noor Hendriks")
	v.fill("#organization", "Noor Hendriks Interim")
	v.fill("#email", noor)
	v.click("main form .btn-primary")
	v.at("/sign-in/code")
	v.fill("#code", "AAAA-AAAA")
	v.click("main form .btn-primary")
	v.sees("That code is not right. Tries left: 4.")
	v.fill("#code", s.code(t, before, noor))
	v.click("main form .btn-primary")
	v.sees("Karin Schouten lets you work in Zonneveld Bakkerijen")
	v.sees("Repair the invoice match")
	v.sees("Each time you enter or leave, every superuser of Zonneveld Bakkerijen is told.")
	v.press("Accept")
	v.sees("The delegation for Zonneveld Bakkerijen is yours.")
	s.mail(t, before, karin, "accepted the delegation in Zonneveld Bakkerijen")
	names := v.texts("#switcher-list .mi")
	if len(names) != 2 || !strings.Contains(names[0], "Noor Hendriks Interim") || !strings.Contains(names[1], "Zonneveld Bakkerijen") || !strings.Contains(names[1], "left") {
		t.Errorf("the switcher holds %q", names)
	}

	// To somebody else the same link leads to nothing.
	r := s.as(t, ria)
	r.open(link)
	r.sees("Hier is niets voor " + ria)
}
