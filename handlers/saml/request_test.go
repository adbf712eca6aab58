package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	dsig "github.com/russellhaering/goxmldsig"
)

func request() AuthnRequest {
	return AuthnRequest{ID: ourRequest, Issuer: ourEntity, ACS: ourACS, Destination: "https://login.devries.example/sso?tenant=1", IssuedAt: now, NameFormat: NamePersistent, ForceAuthn: true}
}

func signer() *Signer {
	return &Signer{Key: keys().ours.key, Certificate: keys().ours.certificate}
}

// TestRelayStateIsEscaped, and the provider's own query is kept.
func TestRelayStateIsEscaped(t *testing.T) {
	const relay = "a b&SAMLRequest=x#y+%"
	for name, by := range map[string]*Signer{"unsigned": nil, "signed": signer()} {
		t.Run(name, func(t *testing.T) {
			address, err := request().RedirectURL(relay, by)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			query, err := url.ParseQuery(parsed.RawQuery)
			if err != nil {
				t.Fatal(err)
			}
			if got := query["RelayState"]; len(got) != 1 || got[0] != relay || parsed.Fragment != "" || query.Get("tenant") != "1" || len(query["SAMLRequest"]) != 1 {
				t.Errorf("address %s", address)
			}
			if (by != nil) != (query.Get("Signature") != "") {
				t.Errorf("signature %q", query.Get("Signature"))
			}
		})
	}
}

func TestRedirectCarriesTheRequest(t *testing.T) {
	r := request()
	r.Destination = "https://login.devries.example/sso"
	address, err := r.RedirectURL("", nil)
	if err != nil {
		t.Fatal(err)
	}
	packed, ok := strings.CutPrefix(address, "https://login.devries.example/sso?SAMLRequest=")
	if !ok {
		t.Fatal(address)
	}
	unescaped, err := url.QueryUnescape(packed)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := base64.StdEncoding.DecodeString(unescaped)
	if err != nil {
		t.Fatal(err)
	}
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(decoded)))
	if err != nil {
		t.Fatal(err)
	}
	root, err := parse(document, Limits{}.orDefault())
	if err != nil {
		t.Fatal(err)
	}
	if !is(root, nsProtocol, "AuthnRequest") {
		t.Fatalf("a %s", root.Tag)
	}
	for name, want := range map[string]string{
		"ID": ourRequest, "Version": "2.0", "IssueInstant": "2026-11-21T09:00:00.000Z", "Destination": r.Destination,
		"AssertionConsumerServiceURL": ourACS, "ProtocolBinding": BindingPost, "ForceAuthn": "true",
	} {
		if got := attr(root, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := text(children(root, nsAssertion, "Issuer")[0]); got != ourEntity {
		t.Errorf("Issuer %q", got)
	}
	if got := attr(children(root, nsProtocol, "NameIDPolicy")[0], "Format"); got != NamePersistent {
		t.Errorf("format %q", got)
	}
}

// TestRequestsAreSignedWithSHA256, never with SHA-1, over the query as sent.
func TestRequestsAreSignedWithSHA256(t *testing.T) {
	address, err := request().RedirectURL("relay state", signer())
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(address, "?tenant=1&")
	content, escaped, _ := strings.Cut(query, "&Signature=")
	if !strings.HasSuffix(content, "&SigAlg="+url.QueryEscape(dsig.RSASHA256SignatureMethod)) {
		t.Fatalf("signs by %s", content)
	}
	unescaped, err := url.QueryUnescape(escaped)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(unescaped)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(content))
	if err := rsa.VerifyPKCS1v15(keys().ours.key.Public().(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
}

func TestPostFormIsSignedInPlace(t *testing.T) {
	form, err := request().PostForm("relay", signer())
	if err != nil {
		t.Fatal(err)
	}
	if form.Action != request().Destination || form.RelayState != "relay" {
		t.Errorf("form %+v", form)
	}
	document, err := base64.StdEncoding.DecodeString(form.SAMLRequest)
	if err != nil {
		t.Fatal(err)
	}
	root, err := parse(document, Limits{}.orDefault())
	if err != nil {
		t.Fatal(err)
	}
	// Our own reader of signatures takes it: right place, listed algorithms.
	covered, err := signed(root, expectedFromUs(), now)
	if err != nil {
		t.Fatal(err)
	}
	if attr(covered, "ID") != ourRequest {
		t.Errorf("signed %q", attr(covered, "ID"))
	}
}

func TestRequestsThatCannotBeMade(t *testing.T) {
	curve := &Signer{Key: keys().curve.key, Certificate: keys().curve.certificate}
	for name, c := range map[string]struct {
		relay string
		by    *Signer
		want  error
	}{
		"RelayState over 80 bytes": {strings.Repeat("r", 81), nil, ErrRelayState},
		"a key that is not RSA":    {"", curve, ErrSigningKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := request().RedirectURL(c.relay, c.by); !errors.Is(err, c.want) {
				t.Errorf("redirect: %v", err)
			}
			if _, err := request().PostForm(c.relay, c.by); !errors.Is(err, c.want) {
				t.Errorf("form: %v", err)
			}
		})
	}
}

func TestIDsAreNamesAndDiffer(t *testing.T) {
	a, b := NewID(), NewID()
	if a == b || len(a) != 41 || a[0] != '_' {
		t.Errorf("%q and %q", a, b)
	}
}
