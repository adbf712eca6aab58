package account_test

import (
	"strings"
	"testing"

	"locum/models"
	"locum/models/account"
)

func TestEdge17AddressesAreComparedInOneForm(t *testing.T) {
	for _, c := range []struct{ name, typed, normal string }{
		{"as it is", "sanne@kade.example", "sanne@kade.example"},
		{"case", "Sanne@KADE.Example", "sanne@kade.example"},
		{"spaces around it", "\t sanne@kade.example \n", "sanne@kade.example"},
		{"composed", "Jo\u0308rg@kade.example", "jörg@kade.example"},
		{"folded beyond lower case", "STRASSE@kade.example", "strasse@kade.example"},
		{"sharp s", "straße@kade.example", "strasse@kade.example"},
		{"capital sigma", "ΣΟΦΟΣ@kade.example", "σοφοσ@kade.example"},
		{"domain in its own script", "a@müller.example", "a@xn--mller-kva.example"},
		{"domain in its own script, composed", "a@mu\u0308ller.example", "a@xn--mller-kva.example"},
		{"domain already in ASCII", "a@xn--mller-kva.example", "a@xn--mller-kva.example"},
		{"dot behind the domain", "a@kade.example.", "a@kade.example"},
		{"zero-width space", "san\u200bne@kade.example", "sanne@kade.example"},
		{"mark of direction", "\u200esanne@kade.example\u202c", "sanne@kade.example"},
		{"soft hyphen", "san\u00adne@ka\u00adde.example", "sanne@kade.example"},
		{"byte order mark", "\ufeffsanne@kade.example", "sanne@kade.example"},
		{"a tag is kept", "sanne+locum@kade.example", "sanne+locum@kade.example"},
		{"dots are kept", "s.a.n.n.e@kade.example", "s.a.n.n.e@kade.example"},
		{"other signs", "o'neil_x-1/2=a@kade.example", "o'neil_x-1/2=a@kade.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			email, ok := account.ParseEmail(c.typed)
			if !ok || email.Normal != c.normal {
				t.Fatalf("%q becomes %q, %t", c.typed, email.Normal, ok)
			}
			if again, ok := account.ParseEmail(email.Normal); !ok || again.Normal != email.Normal {
				t.Errorf("its normal form becomes %q, %t", again.Normal, ok)
			}
			if email.Domain() != c.normal[strings.Index(c.normal, "@")+1:] {
				t.Errorf("its domain is %q", email.Domain())
			}
		})
	}
}

func TestEdge17WhatIsNoAddressIsRefused(t *testing.T) {
	for _, typed := range []string{"", "@", "sanne", "sanne@", "@kade.example", "sanne@kade", "sanne@.example", "sanne@kade..example", "sanne@-kade.example",
		"sanne@kade-.example", ".sanne@kade.example", "sanne.@kade.example", "sa..nne@kade.example", "sanne kuipers@kade.example", `"sanne"@kade.example`,
		"sanne@[192.0.2.1]", "a@b@kade.example", "sanne,karin@kade.example", "sanne@kade.example\r\nBcc: x@y.example", "Sanne <sanne@kade.example>",
		strings.Repeat("a", 65) + "@kade.example", "a@" + strings.Repeat("a", 64) + ".example", "a@" + strings.Repeat("abc.", 80) + "example", "sanne@ka_de.example", "sanne@kade!.example"} {
		if email, ok := account.ParseEmail(typed); ok {
			t.Errorf("%q becomes %q", typed, email.Normal)
		}
	}
}

func TestEdge17MixedScriptsAreNoticed(t *testing.T) {
	for typed, mixed := range map[string]bool{
		"sanne@kade.example":       false,
		"jörg@müller.example":      false,
		"анна@пример.рф":           false,
		"s\u0430nne@kade.example":  true, // a Cyrillic a
		"s\u03bfphie@kade.example": true, // a Greek o
		"sanne@k\u0430de.example":  true,
	} {
		email, ok := account.ParseEmail(typed)
		if !ok || email.Mixed != mixed {
			t.Errorf("%q: mixed %t, %t", typed, email.Mixed, ok)
		}
	}
}

func TestNamesAreTidied(t *testing.T) {
	for typed, want := range map[string]string{"  Anna Visser ": "Anna Visser", "An\u200bna": "Anna", "An\x00na\r\n": "Anna", "Ångström": "Ångström"} {
		wrong := models.FieldErrors{}
		if got := account.CheckName(typed, "name", wrong); got != want || len(wrong) != 0 {
			t.Errorf("%q becomes %q: %v", typed, got, wrong)
		}
	}
	for typed, key := range map[string]string{"": "error.required", " \u200b ": "error.required", strings.Repeat("é", 101): "error.too_long", "a\xff": "error.invalid"} {
		wrong := models.FieldErrors{}
		account.CheckName(typed, "name", wrong)
		if wrong["name"].Key != key {
			t.Errorf("%q: %q", typed, wrong["name"].Key)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"sanne@kade.example", "a@müller.example", "\u200ba@b.c", "straße@x.y", "a@b", "a@b.c@d.e", "\xff@a.b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, ok := account.ParseEmail(typed)
		if !ok {
			return
		}
		if strings.ContainsAny(email.Normal+email.Typed, "\r\n\x00 ") || strings.Count(email.Normal, "@") != 1 {
			t.Fatalf("%q becomes %q", typed, email.Normal)
		}
		again, ok := account.ParseEmail(email.Normal)
		if !ok || again.Normal != email.Normal {
			t.Fatalf("%q becomes %q, and that %q, %t", typed, email.Normal, again.Normal, ok)
		}
	})
}
