package saml

import (
	"errors"
	"fmt"
	"time"

	"locum/models"
)

// Reason says why a message or a metadata document was refused. It is an error
// itself, so errors.Is(err, saml.Expired) asks for one. Its texts stand in the
// catalogs under saml.error.<reason>.
type Reason string

// Why a response is refused.
const (
	Malformed            Reason = "malformed"              // not a SAML response, or not of the shape the standard gives it
	TooLarge             Reason = "too_large"              // more bytes than are taken
	TooComplex           Reason = "too_complex"            // nested too deep or too many elements
	TooManyValues        Reason = "too_many_values"        // more attribute values than are taken
	DocumentType         Reason = "document_type"          // holds a DOCTYPE
	SeveralAssertions    Reason = "several_assertions"     // more than one assertion
	NoAssertion          Reason = "no_assertion"           // success, but nothing is said about anybody
	WrongVersion         Reason = "wrong_version"          // not SAML 2.0
	Unsigned             Reason = "unsigned"               // neither the response nor the assertion is signed
	BadSignature         Reason = "bad_signature"          // a known key, but the content is not what was signed
	UnknownKey           Reason = "unknown_key"            // signed with a key that is not in the connection
	CertificateExpired   Reason = "certificate_expired"    // signed with a key whose certificate has ended
	WeakAlgorithm        Reason = "weak_algorithm"         // SHA-1 or another algorithm that is not listed
	Undecryptable        Reason = "undecryptable"          // encrypted for another key, or damaged
	UnlistedEncryption   Reason = "unlisted_encryption"    // an encryption algorithm that is not listed
	EncryptedPart        Reason = "encrypted_part"         // only the NameID or an attribute is encrypted
	WrongIssuer          Reason = "wrong_issuer"           // from another identity provider
	NotForUs             Reason = "not_for_us"             // another destination, recipient or audience
	Unsolicited          Reason = "unsolicited"            // nobody asked for it
	UnknownRequest       Reason = "unknown_request"        // answers a request that is not this one
	Replayed             Reason = "replayed"               // was used before
	Expired              Reason = "expired"                // its time has passed
	NotYetValid          Reason = "not_yet_valid"          // its time has not come: the provider's clock is ahead
	ClockBehind          Reason = "clock_behind"           // made before it was asked for: the provider's clock is behind
	SessionEnded         Reason = "session_ended"          // the session at the provider is over
	NoBearer             Reason = "no_bearer"              // no bearer confirmation of the subject
	NoAuthentication     Reason = "no_authentication"      // does not say that anybody signed in
	NoSubject            Reason = "no_subject"             // names nobody
	UnknownCondition     Reason = "unknown_condition"      // a condition that we cannot judge
	RefusedByProvider    Reason = "refused_by_provider"    // the provider does not let this person in
	SignInFailed         Reason = "sign_in_failed"         // the person did not get through the provider's sign-in
	NotSignedIn          Reason = "not_signed_in"          // no session at the provider, and it may not ask
	UnknownPerson        Reason = "unknown_person"         // the provider does not know the person
	TooWeakSignIn        Reason = "too_weak_sign_in"       // the provider cannot sign in as strongly as asked
	NamePolicy           Reason = "name_policy"            // the provider cannot give the asked NameID
	ProviderFailed       Reason = "provider_failed"        // a fault at the provider
	RequestRejected      Reason = "request_rejected"       // the provider rejects our request
	MetadataMalformed    Reason = "metadata_malformed"     // not an identity provider's metadata
	MetadataTooLarge     Reason = "metadata_too_large"     // over 5 MB
	MetadataSeveral      Reason = "metadata_several"       // more than one entity
	MetadataExpired      Reason = "metadata_expired"       // past its validUntil
	MetadataNoKey        Reason = "metadata_no_key"        // no signing certificate that can be used
	MetadataNoAddress    Reason = "metadata_no_address"    // no address to sign in at
	MetadataWrongAddress Reason = "metadata_wrong_address" // an address that is not https
)

// Error makes a Reason usable as the target of errors.Is.
func (r Reason) Error() string { return "saml: " + string(r) }

// Reasons lists every reason, so that a test can hold the catalogs against it.
func Reasons() []Reason {
	return []Reason{
		Malformed, TooLarge, TooComplex, TooManyValues, DocumentType, SeveralAssertions, NoAssertion, WrongVersion,
		Unsigned, BadSignature, UnknownKey, CertificateExpired, WeakAlgorithm, Undecryptable, UnlistedEncryption, EncryptedPart,
		WrongIssuer, NotForUs, Unsolicited, UnknownRequest, Replayed, Expired, NotYetValid, ClockBehind, SessionEnded,
		NoBearer, NoAuthentication, NoSubject, UnknownCondition,
		RefusedByProvider, SignInFailed, NotSignedIn, UnknownPerson, TooWeakSignIn, NamePolicy, ProviderFailed, RequestRejected,
		MetadataMalformed, MetadataTooLarge, MetadataSeveral, MetadataExpired, MetadataNoKey, MetadataNoAddress, MetadataWrongAddress,
	}
}

// Error is a refusal. Detail is for the log alone: it may quote what a stranger
// sent and is never shown.
type Error struct {
	Reason Reason
	Off    time.Duration // how far a time is off; zero where time is not the reason
	Detail string
}

// Error is the text for the log.
func (e *Error) Error() string { return e.Reason.Error() + ": " + e.Detail }

// Unwrap gives the Reason to errors.Is.
func (e *Error) Unwrap() error { return e.Reason }

// Title says what happened, for people.
func (e *Error) Title() models.Message {
	return models.Text("saml.error." + string(e.Reason) + ".title")
}

// Body says what to do about it. Where a clock is the reason, its Count is how
// far that is off in whole seconds; where an answer came too late, how long ago
// it ended in whole minutes. Both are rounded up.
func (e *Error) Body() models.Message {
	key := "saml.error." + string(e.Reason) + ".body"
	if e.Off <= 0 {
		return models.Text(key)
	}
	unit := time.Second
	if e.Reason == Expired {
		unit = time.Minute
	}
	return models.Text(key, "Count", int((e.Off+unit-1)/unit))
}

// ReasonOf is the reason of the first refusal in err's chain, or empty.
func ReasonOf(err error) Reason {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Reason
	}
	var bare Reason
	errors.As(err, &bare)
	return bare
}

// detailLimit keeps a stranger from filling the log.
const detailLimit = 300

func refuse(reason Reason, format string, args ...any) *Error {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > detailLimit {
		detail = detail[:detailLimit] + "…"
	}
	return &Error{Reason: reason, Detail: detail}
}

func (e *Error) off(by time.Duration) *Error {
	e.Off = by
	return e
}
