package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator gives a browser a virtual authenticator that verifies its user
// (Web Authentication Level 3, section 11).
func (v *visitor) authenticator() {
	v.t.Helper()
	v.run("add an authenticator", webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
			AutomaticPresenceSimulation: true}).Do(ctx)
		return err
	}))
}

// TestPasskeys: a host asks for a second factor while Sanne is inside. Her visit
// waits, she makes a passkey and goes on; later she shows it, and signs in with it;
// and she shows it where a code alone does not let her in.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	s := &story{running: serveDemo(t, "sqlite"), t: t, people: map[string]*visitor{}}
	k, v := s.as(t, karin), s.as(t, sanne)
	v.authenticator()
	v.signsIn(sanne)
	v.open("/home")
	v.click("main button text=Zonneveld")
	v.shows(".acting", "Zonneveld")
	v.open("/members")

	k.signsIn(karin)
	k.open("/organization/visitors")
	k.tick("[name=second_factor]", true)
	k.click(".form-foot button")
	k.shows("#waiting", "Sanne Kuipers lacks")
	k.click("#waiting button")
	k.sees("What you ask of visitors is saved.")

	v.at("/home") // the idle page went by itself
	v.open("/members")
	v.finds("[data-need=second_factor]")
	v.press("Show that it is you")
	v.press("Add a passkey")
	v.fill("#name", "Work laptop")
	v.press("Create the passkey")
	v.at("/members")
	v.sees("The passkey is added.")

	v.open("/account/step-up?next=/members")
	v.press("Show a passkey")
	v.at("/members")
	v.sees("That is you.")

	v.open("/account")
	v.shows("#passkeys", "Work laptop")
	v.click("#sessions form[action='/sign-out'] button")
	v.at("/sign-in")
	v.press("Sign in with a passkey")
	v.at("/home")
	v.open("/account")
	v.shows("#sessions", "passkey")
	v.open("/home")
	v.click("main button text=Zonneveld") // in this session it was shown already
	v.shows(".acting", "Zonneveld")

	// Who signed in by a code is stopped at the door, and comes in by the passkey.
	v.signsOut()
	v.signsIn(sanne)
	v.click("main button text=Zonneveld")
	v.finds("[data-need=second_factor]")
	v.lacks(".acting")
	v.press("Show that it is you")
	v.press("Show a passkey")
	v.press("Switch to " + host + " and go on")
	v.shows(".acting", "Zonneveld")
	s.quiet(t)
}
