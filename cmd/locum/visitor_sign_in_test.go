package main

import "fmt"

// signsIn does it by a code from the mailbox.
func (v *visitor) signsIn(email string) {
	v.t.Helper()
	v.open("/sign-in")
	v.entersCode(email)
	v.at("/home")
}

// entersCode goes from the sign-in page through the code.
func (v *visitor) entersCode(email string) {
	v.t.Helper()
	before := v.r.postmark(v.t)
	v.fill("#email", email)
	v.click("main form .btn-primary")
	v.at("/sign-in/code")
	v.fill("#code", v.r.code(v.t, before, email))
	v.click("main form .btn-primary")
}

// enters goes to work in one of a person's places.
func (v *visitor) enters(place string) {
	v.t.Helper()
	v.open("/home")
	v.click(".places button text=" + place)
	v.at("/")
	v.shows(".switcher", place)
}

// goesToCompany enters an address and is sent to the identity provider.
func (v *visitor) goesToCompany(email string) {
	v.t.Helper()
	v.open("/sign-in")
	v.fill("#email", email)
	v.click("main form .btn-primary")
	v.finds(`button[name="persona"]`)
}

// continuesAs picks a persona on the identity provider's page.
func (v *visitor) continuesAs(email string) {
	v.t.Helper()
	v.click(fmt.Sprintf(`button[name="persona"][value=%q]:not([formaction])`, email))
}

// changesFirst opens the page on which a persona's attributes can be changed.
func (v *visitor) changesFirst(email string) {
	v.t.Helper()
	v.click(fmt.Sprintf(`button[name="persona"][value=%q][formaction]`, email))
	v.finds("#nameid")
}

// sends a persona's answer after it was changed.
func (v *visitor) sends() {
	v.t.Helper()
	v.click("form.pass button.go")
}

// signsOut ends the session.
func (v *visitor) signsOut() {
	v.t.Helper()
	v.choose(`form[action="/sign-out"] button`)
	v.at("/sign-in")
}
