package configuration

// FormatVersion is the version of the form of documents that is read and
// written here.
const FormatVersion = 1

// The tags of these types are the form of documents: key is what it is called,
// must says that it cannot be left out, choices are the only values, and doc is
// what the schema says of it.

// Document is a whole file.
type Document struct {
	Place     `key:"-"`
	Version   Number            `key:"version" must:"yes" doc:"Of this form: 1."`
	Platform  Section[Platform] `key:"platform" doc:"Applications and roles, the same for every company. Applied before the companies, in a transaction of its own. Nothing here is ever removed by a document."`
	Companies List[Company]     `key:"companies" doc:"Each is applied in one transaction of its own, in this order."`

	file     string
	problems Problems
}

// Platform is what all companies share.
type Platform struct {
	Place                `key:"-"`
	Applications         List[Application] `key:"applications" doc:"What can be used inside organizations."`
	OrganizationRoles    List[Role]        `key:"organization_roles" doc:"Roles in an organization itself."`
	OrganizationFamilies List[Family]      `key:"organization_families" doc:"Families of the roles in an organization."`
	CompanyRoles         List[Role]        `key:"company_roles" doc:"Roles in a company."`
	CompanyFamilies      List[Family]      `key:"company_families" doc:"Families of the roles in a company."`
}

// Application is one of the platform's applications.
type Application struct {
	Place       `key:"-"`
	Key         Text            `key:"key" must:"yes" doc:"Tells it apart, and never changes: lower-case letters, digits and hyphens."`
	Name        Text            `key:"name" doc:"Needed for a new one."`
	Description Text            `key:"description" doc:"What it is for."`
	Icon        Text            `key:"icon" doc:"Name of its icon; blocks by default."`
	Roles       List[Role]      `key:"roles" doc:"What somebody can be in it. The first one is the default, unless another says so."`
	Families    List[Family]    `key:"families" doc:"Families of its roles."`
	Client      Section[Client] `key:"client" doc:"Its registration, by which it asks who works where. Never removed by a document; secrets are no part of it."`
}

// Client is the registration of an application as an OAuth client.
type Client struct {
	Place          `key:"-"`
	Kind           Text       `key:"kind" choices:"secret key public" doc:"How it shows that it is the one: by a secret, by a key of its own, or by neither; secret by default."`
	RedirectURIs   List[Text] `key:"redirect_uris" doc:"Where people go after signing in; compared letter by letter. All of them."`
	PostLogoutURIs List[Text] `key:"post_logout_uris" doc:"Where people may go after signing out. All of them."`
	LogoutURI      Text       `key:"logout_uri" doc:"Where it is told that a session or a visit ended (back-channel logout)."`
	HomeURI        Text       `key:"home_uri" doc:"Where people open it."`
	JWKS           Text       `key:"jwks" doc:"Its public keys, a JSON Web Key Set. With the kind key alone."`
	Hosts          List[Text] `key:"hosts" doc:"Hosts for which a proxy asks, with their ports where those are not the usual ones. All of them."`
	FollowsSwitch  Truth      `key:"follows_switch" doc:"true lets the tokens of people follow their last switch."`
}

// Family is a set of roles of which connectors give a person one.
type Family struct {
	Place `key:"-"`
	Name  Text       `key:"name" must:"yes" doc:"Tells it apart at its level or in its application."`
	Roles List[Text] `key:"roles" doc:"Keys of its roles. Of those whose connectors match somebody, the first in this list counts. All of them: those not in the list are in the family no more. Needed for a new one, with at least two."`
}

// Role is one of the platform's roles.
type Role struct {
	Place       `key:"-"`
	Key         Text       `key:"key" must:"yes" doc:"Tells it apart at its level or in its application, and never changes."`
	Name        Text       `key:"name" doc:"Needed for a new one."`
	Description Text       `key:"description" doc:"What somebody with it does."`
	Permissions List[Text] `key:"permissions" doc:"What it allows, such as members.manage. All of them: those not in the list are taken away. A built-in role's are fixed, and an application's own are its own affair."`
	Default     Truth      `key:"default" doc:"true makes it the default of its level or application, instead of the one that is. To end it, make another the default."`
}

// Company is a customer.
type Company struct {
	Place         `key:"-"`
	ID            Text               `key:"id" doc:"Identifies a company that exists, and then its name may be a new one. Without it the exact name identifies it."`
	Name          Text               `key:"name" must:"yes" doc:"A company whose name is not known is made."`
	Manager       Section[Person]    `key:"manager" doc:"Needed for a new company, and read only then: its manager, and the superuser of its first organization."`
	Settings      Section[Settings]  `key:"settings" doc:"How roles are given where single sign-on is used."`
	Seats         Number             `key:"seats" doc:"How many people may be active in the company; 0 is no limit. Who comes when all are taken waits for one."`
	Organizations List[Organization] `key:"organizations" doc:"A new company needs one. Organizations are never removed by a document."`
	Domains       List[Domain]       `key:"domains" doc:"Names that the company may speak for once they are verified."`
	Connections   List[Connection]   `key:"connections" doc:"Identity providers. A connection is never removed by a document; enabled: false stops it."`
	Connectors    List[Connector]    `key:"connectors" doc:"Rules that give roles. When any of them or the settings change, everyone known in the company is evaluated again, once."`
}

// Person is who manages a new company.
type Person struct {
	Place `key:"-"`
	Name  Text `key:"name" must:"yes" doc:"Used when nobody has an account with that address yet."`
	Email Text `key:"email" must:"yes" doc:"The address with which the person signs in."`
}

// Settings is what a company decides about provisioning.
type Settings struct {
	Place     `key:"-"`
	Ownership Text `key:"ownership" choices:"authoritative additive" doc:"authoritative: a role given by hand goes too at a target that connectors give roles at. additive: only what connectors gave is taken away."`
	NoMatch   Text `key:"no_match" choices:"none default keep refuse" doc:"What somebody whom no connector matches has in the company itself: nothing, its default role, what the person had, or no sign-in."`

	SilentHours  Number `key:"silent_hours" doc:"Hours without a sign-in after which the managers are told that a connection that is used regularly is silent, at most 720; 0 means never."`
	BrakePercent Number `key:"brake_percent" doc:"Of the people known, the percentage who may lose a role by one change without anybody being asked: 0 to 100, which is no brake."`
	BrakePeople  Number `key:"brake_people" doc:"How many people may lose a role by one change without anybody being asked."`
	BrakeRaised  Number `key:"brake_raised" doc:"How many people may become superuser, or get a role in the company other than its default one, by one change without anybody being asked."`
}

// Organization is one of a company's organizations.
type Organization struct {
	Place          `key:"-"`
	ID             Text              `key:"id" doc:"As for a company."`
	Name           Text              `key:"name" must:"yes" doc:"An organization whose name is not known in the company is made. Its superuser is the company's manager of longest standing."`
	Hue            Number            `key:"hue" doc:"Its colour, 1 to 8."`
	Icon           Text              `key:"icon" doc:"Its sign, such as house or boxes; empty for the common one."`
	TimeZone       Text              `key:"time_zone" doc:"IANA name, such as Europe/Amsterdam. Needed for a new one."`
	IdleHours      Number            `key:"idle_hours" doc:"Hours after which a visit ends by itself, at most 72; 0 means never."`
	ReasonRequired Truth             `key:"reason_required" doc:"Whether a delegation needs a reason."`
	Visitors       Section[Visitors] `key:"visitors" doc:"What it asks of visitors, and of the delegations that it gives."`
	Applications   List[Text]        `key:"applications" doc:"Keys of the applications it uses. Those not in the list stay in use, unless --prune is given."`
}

// Visitors is what an organization asks of its visitors, and of the delegations that
// its superusers give.
type Visitors struct {
	Place          `key:"-"`
	Approval       Truth      `key:"approval" doc:"Whether another superuser has to approve each delegation."`
	LongestDays    Number     `key:"longest_days" doc:"Days that a delegation lasts at most; 0 means without a cap."`
	TicketRequired Truth      `key:"ticket_required" doc:"Whether a delegation needs a ticket number."`
	SecondFactor   Truth      `key:"second_factor" doc:"Whether a visitor shows a second factor."`
	SignInMinutes  Number     `key:"sign_in_minutes" doc:"Minutes that a visitor's sign-in is old at most; 0 means of any age."`
	OwnSignOn      Truth      `key:"own_sign_on" doc:"Whether visitors sign in through the single sign-on of a verified domain of their company."`
	Networks       List[Text] `key:"networks" doc:"From which visitors may come, such as 192.0.2.0/24; an empty list means from anywhere."`
	MailNeeded     Truth      `key:"mail_needed" doc:"Whether nobody enters while mail about visits cannot be sent."`
	Notify         Text       `key:"notify" choices:"at_once per_visit digest" doc:"How superusers hear of visits who chose nothing themselves."`
}

// Domain is a name that a company says is its own.
type Domain struct {
	Place      `key:"-"`
	Name       Text  `key:"name" must:"yes" doc:"Such as company.example."`
	RequireSSO Truth `key:"require_sso" doc:"Whether people with an address under it can sign in through the company's connection only. It can be true for a verified domain, once a manager came in that way."`
	Verified   Truth `key:"verified" doc:"Written by an export. Applying never verifies a domain: that is done on the screen."`
	Remove     Truth `key:"remove" doc:"true takes the domain away."`
}

// Connection is a company's tie to one identity provider.
type Connection struct {
	Place             `key:"-"`
	ID                Text  `key:"id" doc:"As for a company."`
	Name              Text  `key:"name" must:"yes" doc:"A connection whose name is not known in the company is made; it needs metadata."`
	Metadata          Text  `key:"metadata" doc:"The provider's SAML metadata: the XML itself, or a path to a file at or below the folder of this document."`
	MetadataURL       Text  `key:"metadata_url" doc:"Where the provider publishes it. With an address, metadata only serves to make the connection: later on what the address says counts."`
	Enabled           Truth `key:"enabled" doc:"Whether people can sign in through it; true for a new one."`
	IdentityAttribute Text  `key:"identity_attribute" doc:"Attribute that tells people apart and never changes; empty for the NameID."`
	Delimiters        Texts `key:"delimiters" doc:"By attribute, what separates several values in one text."`
}

// Connector is a rule that gives a role.
type Connector struct {
	Place     `key:"-"`
	ID        Text            `key:"id" doc:"As for a company."`
	Name      Text            `key:"name" must:"yes" doc:"A connector whose name is not known in the company is made; it needs a target and a condition."`
	State     Text            `key:"state" choices:"on off draft" doc:"Only one that is on gives its role. A new one is a draft unless this says otherwise."`
	Target    Section[Target] `key:"target" doc:"The role, and where it is given."`
	Condition Condition       `key:"condition" doc:"Who has the role: see Conditions."`
	Note      Text            `key:"note" doc:"For whoever reads it later."`
	Remove    Truth           `key:"remove" doc:"true takes the connector away, and with it the roles that only it gave."`
}

// Target is a role and where it is given.
type Target struct {
	Place        `key:"-"`
	Organization Text `key:"organization" doc:"Name or id of one of the company's organizations. Without it the role is one in the company."`
	Application  Text `key:"application" doc:"Key of an application that the organization uses. Without it the role is one in the organization itself."`
	Role         Text `key:"role" must:"yes" doc:"Key or name of a role of that level or application."`
}
