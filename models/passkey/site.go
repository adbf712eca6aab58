package passkey

import (
	"encoding/json"
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"locum/models"
)

// Site is the relying party (section 4): Locum under the address that people
// use. The zero Site has no passkeys.
type Site struct{ relying *webauthn.WebAuthn }

// SiteOf is the site of a public address. Its host is the relying party's id
// (section 5.1.2), which a bare network address cannot be.
func SiteOf(public *url.URL) Site {
	if _, err := netip.ParseAddr(public.Hostname()); err == nil {
		return Site{}
	}
	relying, err := webauthn.New(&webauthn.Config{RPID: public.Hostname(), RPDisplayName: "Locum", RPOrigins: []string{public.Scheme + "://" + public.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return Site{}
	}
	return Site{relying}
}

// Usable says whether there can be passkeys under the site's address.
func (s Site) Usable() bool { return s.relying != nil }

func (s Site) check() error {
	if !s.Usable() {
		return models.Fail(models.Conflict, "passkey.error.address")
	}
	return nil
}

// holder is a person as the protocol knows him. His handle is the id of his
// account, which says nothing about him (section 14.6.1).
type holder struct {
	id, name, email string
	passkeys        []Passkey
}

// full refuses one passkey too many.
func (h holder) full() error {
	if len(h.passkeys) < Most {
		return nil
	}
	return models.Fail(models.Conflict, "passkey.error.most", "Most", Most)
}

func (h holder) WebAuthnID() []byte          { return []byte(h.id) }
func (h holder) WebAuthnName() string        { return h.email }
func (h holder) WebAuthnDisplayName() string { return h.name }

func (h holder) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, p := range h.passkeys {
		list = append(list, p.credential())
	}
	return list
}

func (h holder) descriptors() (list []protocol.CredentialDescriptor) {
	for _, c := range h.WebAuthnCredentials() {
		list = append(list, c.Descriptor())
	}
	return list
}

// Begun is what the browser needs to ask an authenticator.
type Begun struct {
	Ceremony string          `json:"ceremony"`  // the way back to it, good once
	Options  json.RawMessage `json:"publicKey"` // section 5.4 or 5.5, as JSON (section 5.1.8)
}
