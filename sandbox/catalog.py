"""Who trades what from where: customers, items, warehouses, carriers. All made up; addresses end in example.com."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """A town as carriers name it in a scan."""

    city: str
    state: str | None
    country: str
    zip: str


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is stocked and sold; the list price is the same figure in every currency."""

    sku: str
    description: str
    price: Decimal
    weight_kg: Decimal
    unit: str = "EA"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who moves parcels.

    Attributes:
        name: as EasyPost writes it.
        service: what is bought.
        estimates_days: whether the estimate is a local day instead of an instant.
    """

    name: str
    service: str
    estimates_days: bool = False


@dataclass(frozen=True, slots=True)
class Warehouse:
    """Where goods leave, in whose currency its region trades, who collects there, and over which hubs it goes."""

    code: str
    place: Place
    currency: str
    carriers: tuple[Carrier, ...]
    hubs: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys, and what credit control knows besides the orders of this world.

    Attributes:
        limit: credit limit, in whole units of the warehouse's currency.
        carried: what is owed from business that this world does not show.
        carried_overdue: how much of that is past due.
    """

    number: str
    name: str
    place: Place
    warehouse: Warehouse
    service_level: str
    limit: int
    carried: int = 0
    carried_overdue: int = 0

    @property
    def email(self) -> str:
        """Where its purchasing department reads mail."""
        return f"purchasing@{self.name.split()[0].lower()}.example.com"

    @property
    def phone(self) -> str:
        """A number from a range that is set aside for fiction."""
        return f"+1 555 01{int(self.number.removeprefix('C-')) % 100:02d}"


USPS = Carrier("USPS", "GroundAdvantage", estimates_days=True)
UPS = Carrier("UPS", "Ground")
FEDEX = Carrier("FedEx", "FEDEX_GROUND")
DHL = Carrier("DHLExpress", "ExpressWorldwide", estimates_days=True)

CARRIERS: Mapping[str, Carrier] = {carrier.name: carrier for carrier in (USPS, UPS, FEDEX, DHL)}

MEMPHIS = Warehouse(
    code="MEM1",
    place=Place("MEMPHIS", "TN", "US", "38118"),
    currency="USD",
    carriers=(UPS, FEDEX, USPS),
    hubs=(
        Place("LOUISVILLE", "KY", "US", "40213"),
        Place("INDIANAPOLIS", "IN", "US", "46241"),
        Place("ATLANTA", "GA", "US", "30320"),
        Place("CHICAGO", "IL", "US", "60666"),
    ),
)
RENO = Warehouse(
    code="RNO1",
    place=Place("RENO", "NV", "US", "89506"),
    currency="USD",
    carriers=(UPS, FEDEX, USPS),
    hubs=(
        Place("OAKLAND", "CA", "US", "94621"),
        Place("ONTARIO", "CA", "US", "91761"),
        Place("SALT LAKE CITY", "UT", "US", "84116"),
        Place("DENVER", "CO", "US", "80249"),
    ),
)
ROTTERDAM = Warehouse(
    code="RTM1",
    place=Place("ROTTERDAM", None, "NL", "3197"),
    currency="EUR",
    carriers=(DHL, UPS, FEDEX),
    hubs=(
        Place("LEIPZIG", None, "DE", "04435"),
        Place("KOELN", None, "DE", "51147"),
        Place("LIEGE", None, "BE", "4460"),
        Place("PARIS", None, "FR", "95700"),
    ),
)

WAREHOUSES = (MEMPHIS, RENO, ROTTERDAM)

CUSTOMERS: Mapping[str, Customer] = {
    customer.number: customer
    for customer in (
        Customer(
            "C-1001",
            "Northgate Bicycles",
            Place("CHARLOTTE", "NC", "US", "28208"),
            MEMPHIS,
            "GOLD",
            50_000,
            carried=40_100,
        ),
        Customer("C-1002", "Larkspur Outfitters", Place("PORTLAND", "OR", "US", "97210"), RENO, "GOLD", 30_000),
        Customer(
            "C-1003",
            "Tideline Marine Supply",
            Place("TAMPA", "FL", "US", "33605"),
            MEMPHIS,
            "STANDARD",
            15_000,
            carried=13_800,
            carried_overdue=6_420,
        ),
        Customer("C-1004", "Brightwater Labs", Place("BOSTON", "MA", "US", "02210"), MEMPHIS, "PLATINUM", 80_000),
        Customer("C-1005", "Veldkamp Fietsen BV", Place("UTRECHT", None, "NL", "3542"), ROTTERDAM, "GOLD", 60_000),
        Customer("C-1006", "Hollis Hardware", Place("BOISE", "ID", "US", "83705"), RENO, "STANDARD", 25_000),
        Customer("C-2001", "Ashgrove Cycles", Place("RICHMOND", "VA", "US", "23230"), MEMPHIS, "GOLD", 150_000),
        Customer("C-2002", "Bluestem Sports", Place("OMAHA", "NE", "US", "68138"), MEMPHIS, "STANDARD", 120_000),
        Customer("C-2003", "Cobalt Rentals", Place("PHOENIX", "AZ", "US", "85043"), RENO, "STANDARD", 120_000),
        Customer("C-2004", "Dunmore Trading", Place("SEATTLE", "WA", "US", "98134"), RENO, "GOLD", 150_000),
        Customer("C-2005", "Eastfield Depot", Place("COLUMBUS", "OH", "US", "43217"), MEMPHIS, "STANDARD", 120_000),
        Customer("C-2006", "Fernhill Schools", Place("NASHVILLE", "TN", "US", "37210"), MEMPHIS, "GOLD", 150_000),
        Customer("C-2007", "Granite Peak Gear", Place("DENVER", "CO", "US", "80239"), RENO, "PLATINUM", 200_000),
        Customer("C-2008", "Harborline Stores", Place("SAN DIEGO", "CA", "US", "92154"), RENO, "STANDARD", 120_000),
        Customer("C-2009", "Ironbridge Works", Place("PITTSBURGH", "PA", "US", "15205"), MEMPHIS, "GOLD", 150_000),
        Customer("C-2010", "Juniper Wholesale", Place("DALLAS", "TX", "US", "75236"), MEMPHIS, "PLATINUM", 200_000),
        Customer("C-2011", "Keystone Mobility", Place("HARRISBURG", "PA", "US", "17111"), MEMPHIS, "GOLD", 150_000),
        Customer("C-2012", "Lindqvist Sport AB", Place("MALMO", None, "SE", "21124"), ROTTERDAM, "GOLD", 150_000),
        Customer("C-2013", "Maison Lacroix", Place("LYON", None, "FR", "69007"), ROTTERDAM, "STANDARD", 120_000),
        Customer("C-2014", "Nordhafen GmbH", Place("HAMBURG", None, "DE", "20457"), ROTTERDAM, "PLATINUM", 200_000),
        Customer("C-2015", "Officina Ferri", Place("MILANO", None, "IT", "20138"), ROTTERDAM, "STANDARD", 120_000),
        Customer("C-2016", "Pinnacle Hire", Place("ANTWERPEN", None, "BE", "2030"), ROTTERDAM, "GOLD", 150_000),
        Customer("C-2017", "Quayside Marine", Place("ROSTOCK", None, "DE", "18147"), ROTTERDAM, "STANDARD", 120_000),
        Customer("C-2018", "Ridgeway Tools", Place("SACRAMENTO", "CA", "US", "95828"), RENO, "GOLD", 150_000),
        Customer("C-2019", "Summit Logistics", Place("LAS VEGAS", "NV", "US", "89115"), RENO, "PLATINUM", 200_000),
    )
}


def _item(sku: str, description: str, price: str, weight_kg: str, unit: str = "EA") -> Item:
    return Item(sku, description, Decimal(price), Decimal(weight_kg), unit)


ITEMS: Mapping[str, Item] = {
    item.sku: item
    for item in (
        _item("BRK-2040", "Disc brake set, hydraulic", "89.50", "0.62"),
        _item("BRK-2050", "Brake pads, pair", "14.20", "0.05", "PR"),
        _item("CHN-1100", "Chain, 11 speed", "32.90", "0.26"),
        _item("CHN-1200", "Chain, 12 speed", "48.00", "0.25"),
        _item("CRK-3010", "Crankset, 170 mm", "119.00", "0.84"),
        _item("DRL-4001", "Derailleur, rear", "74.75", "0.31"),
        _item("FRK-5100", "Suspension fork, 29 in", "349.00", "2.10"),
        _item("FRM-6000", "Frame, aluminium, M", "412.00", "1.95"),
        _item("FRM-6010", "Frame, aluminium, L", "412.00", "2.02"),
        _item("GRP-7001", "Handlebar grips, pair", "18.60", "0.12", "PR"),
        _item("HBR-7100", "Handlebar, 780 mm", "56.40", "0.33"),
        _item("HLM-8000", "Helmet, M", "64.95", "0.36"),
        _item("HLM-8010", "Helmet, L", "64.95", "0.39"),
        _item("HUB-9000", "Hub, front, 15 mm", "82.30", "0.21"),
        _item("HUB-9010", "Hub, rear, 12 mm", "127.80", "0.38"),
        _item("LGT-1001", "Light set, front and rear", "39.99", "0.18", "SET"),
        _item("LCK-1101", "Folding lock, 90 cm", "71.25", "1.10"),
        _item("MDG-1201", "Mudguard set, 28 in", "27.45", "0.48", "SET"),
        _item("PDL-1301", "Flat pedals, pair", "45.00", "0.41", "PR"),
        _item("PMP-1401", "Floor pump", "52.10", "1.70"),
        _item("RCK-1501", "Rear rack, 25 kg", "43.80", "0.75"),
        _item("RIM-1601", "Rim, 29 in, 32 holes", "61.00", "0.52"),
        _item("SDL-1701", "Saddle, 142 mm", "68.20", "0.29"),
        _item("SPK-1801", "Spokes, box of 100", "59.00", "0.68", "BX"),
        _item("STM-1901", "Stem, 50 mm", "38.75", "0.14"),
        _item("TIR-2001", "Tyre, 29 x 2.3", "54.90", "0.81"),
        _item("TUB-2101", "Inner tube, 29 in", "7.35", "0.19"),
        _item("TLS-2201", "Workshop tool set, 38 parts", "189.00", "6.40", "SET"),
        _item("WHL-2301", "Wheel set, 29 in", "529.00", "1.88", "SET"),
        _item("BAG-2401", "Pannier, waterproof, pair", "134.50", "1.75", "PR"),
    )
}
