# SPDX-License-Identifier: GPL-3.0-or-later
#
# This program imports trytond (GPL-3.0-or-later) and proteus (LGPL-3.0-or-later), and is under the former's licence.
# It is run as a program of its own, by tests only; it is not part of what is distributed as Casefold.
"""Creates and seeds a real Tryton database to hold the adapter against.

    python seed.py --dir BUILD_DIR

makes, in BUILD_DIR:

    trytond.conf    server configuration (SQLite, loopback only)
    acme.sqlite     the database, modules activated and data seeded
    manifest.json   what was seeded: one record per order, the users, the
                    REST key, the date everything is relative to

Everything is driven through ``proteus`` (Tryton's own client library), with
the same buttons and wizards that a user would press.  No table is written
directly, so every state in the database is one that Tryton itself allows.

All dates are relative to the day of seeding, because Tryton uses the real
date for what is due: a database is good for one day.
"""

import argparse
import datetime as dt
import json
import logging
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal

DATABASE = 'acme'
ADMIN_PASSWORD = 'admin-secret-1'
READER_LOGIN, READER_PASSWORD = 'gateway', 'gateway-secret-1'
# A fixed key keeps the tests simple.  Tryton makes a random one by default.
REST_KEY = 'gateway-rest-key-' + '0' * 16

MODULES = [
    'sale',
    'sale_credit_limit',        # credit check when a sale is confirmed
    'sale_shipment_cost',       # carrier on the sale, cost as a sale line
    'sale_complaint',           # complaints = claims
    'account_invoice_stock',    # invoice line <-> stock move
    'account_payment',
    'stock_package_shipping',   # packages, carrier, shipping_reference
    'stock_split',
    ]

CONFIG = """\
[database]
uri = sqlite://
path = {path}

[web]
listen = 127.0.0.1:{port}

[session]
authentications = password
timeout = 3600
"""

logger = logging.getLogger('seed')


# --------------------------------------------------------------------------
# Database creation
# --------------------------------------------------------------------------

def create_database(directory, port):
    """Create the SQLite file and activate the modules with trytond-admin."""
    directory.mkdir(parents=True, exist_ok=True)
    conf = directory / 'trytond.conf'
    conf.write_text(CONFIG.format(path=directory.resolve(), port=port))
    # trytond-admin does not create the SQLite file: an empty one must exist.
    db_file = directory / f'{DATABASE}.sqlite'
    # SQLite would replay a journal left by a killed server into the new file.
    for suffix in ('', '-wal', '-shm'):
        db_file.with_name(db_file.name + suffix).unlink(missing_ok=True)
    db_file.touch()
    password_file = directory / 'admin-password'
    password_file.write_text(ADMIN_PASSWORD)
    env = dict(os.environ, TRYTONPASSFILE=str(password_file))

    def admin(*args):
        subprocess.run([
                sys.executable, '-c',
                'from trytond.cli.admin import main; main()',
                '-c', str(conf), '-d', DATABASE, *args],
            check=True, env=env)

    admin('--all', '-l', 'en', '--email', 'admin@example.com')
    admin('-u', *MODULES, '--activate-dependencies')
    password_file.unlink()
    return conf


def close_database(directory):
    """Move the write-ahead journal into the file, so that it can be copied."""
    db = sqlite3.connect(directory / f'{DATABASE}.sqlite')
    busy, _, _ = db.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()
    db.close()
    assert not busy


# --------------------------------------------------------------------------
# Master data
# --------------------------------------------------------------------------

class Seeder:

    def __init__(self, conf, anchor):
        # Imported late: trytond reads its configuration at import time.
        from proteus import Model, Wizard
        from proteus import config as proteus_config
        self.config = proteus_config.set_trytond(
            database=DATABASE, config_file=str(conf))
        self.Model, self.Wizard = Model, Wizard
        self.anchor = anchor
        self.orders = []

    def get(self, name):
        return self.Model.get(name)

    def find_one(self, model, *domain):
        record, = self.get(model).find(list(domain), limit=1)
        return record

    def by_xml_id(self, model, xml_id):
        ModelData = self.get('ir.model.data')
        return self.get(model)(
            ModelData.get_id(xml_id, self.config.context))

    def new(self, model, **values):
        record = self.get(model)(**values)
        record.save()
        return record

    def day(self, offset):
        return self.anchor + dt.timedelta(days=offset)

    def run(self):
        self.company()
        self.number_prefixes()
        self.accounting()
        self.products()
        self.carriers()
        self.customers()
        self.users()
        self.stock_receipts()
        self.seed_orders()
        self.post_invoices()
        self.pay_invoices()
        self.seed_claims()
        self.seed_afterwards()

    def company(self):
        Currency = self.get('currency.currency')
        eur = Currency(
            name="Euro", symbol="€", code='EUR', rounding=Decimal('0.01'))
        eur.save()
        self.new('currency.currency.rate',
            date=dt.date(2000, 1, 1), rate=Decimal(1), currency=eur)
        party = self.new('party.party', name="Acme Distribution")
        wizard = self.Wizard('company.company.config')
        wizard.execute('company')
        wizard.form.party = party
        wizard.form.currency = eur
        wizard.execute('add')
        self.currency = eur
        self.the_company = self.find_one('company.company')
        # The employee is recorded as "picked by", "shipped by", ...
        employee = self.new('company.employee',
            party=self.new('party.party', name="Wanda Keeper"),
            company=self.the_company)
        user = self.get('res.user')(self.config.user)
        user.employees.append(employee)
        user.employee = employee
        user.save()

        self.config._context = self.get('res.user').get_preferences(
            True, {})

    def number_prefixes(self):
        """SO00001, SHP00001, ... instead of 1, 1, ..."""
        for type_name, prefix in [
                ("Sale", 'SO'),
                ("Customer Shipment", 'SHP'),
                ("Customer Return Shipment", 'RET'),
                ("Customer Complaint", 'CLM'),
                ("Stock Package", 'PKG'),
                ]:
            sequence = self.find_one(
                'ir.sequence', ('sequence_type.name', '=', type_name))
            sequence.prefix, sequence.padding = prefix, 5
            sequence.save()

    def accounting(self):
        wizard = self.Wizard('account.create_chart')
        wizard.execute('account')
        wizard.form.account_template = self.by_xml_id(
            'account.account.template', 'account.account_template_root_en')
        wizard.form.company = self.the_company
        wizard.execute('create_account')

        def account(kind):
            return self.find_one('account.account',
                (f'type.{kind}', '=', True),
                ('company', '=', self.the_company.id),
                ('closed', '!=', True))
        receivable, payable = account('receivable'), account('payable')
        revenue, expense = account('revenue'), account('expense')
        wizard.form.account_receivable = receivable
        wizard.form.account_payable = payable
        wizard.form.category_account_expense = expense
        wizard.form.category_account_revenue = revenue
        wizard.execute('create_properties')

        # One fiscal year that covers all the seeded dates.
        start = (self.anchor - dt.timedelta(days=200)).replace(day=1)
        end = (start + dt.timedelta(days=396)).replace(day=1)
        end -= dt.timedelta(days=1)
        year = self.get('account.fiscalyear')(
            name="Seeded year", start_date=start, end_date=end,
            company=self.the_company)
        Strict = self.get('ir.sequence.strict')

        def sequence(type_name, prefix):
            seq = Strict(
                name=f"{type_name} {prefix}".strip(),
                sequence_type=self.find_one(
                    'ir.sequence.type', ('name', '=', type_name)),
                prefix=prefix, padding=5, company=self.the_company)
            seq.save()
            return seq
        year.move_sequence = sequence("Account Move", '')
        numbers, = year.invoice_sequences
        numbers.out_invoice_sequence = sequence("Invoice", 'INV')
        numbers.out_credit_note_sequence = sequence("Invoice", 'CN')
        numbers.in_invoice_sequence = sequence("Invoice", 'BILL')
        numbers.in_credit_note_sequence = sequence("Invoice", 'BCN')
        year.save()
        year.click('create_period')

        tax_account = self.find_one(
            'account.account', ('code', '=', '6.3.6'))
        self.tax = self.new('account.tax',
            name="VAT 20%", description="VAT 20%", type='percentage',
            rate=Decimal('0.20'),
            invoice_account=tax_account, credit_note_account=tax_account)

        Category = self.get('product.category')
        self.category = Category(name="Goods", accounting=True)
        self.category.account_revenue = revenue
        self.category.account_expense = expense
        self.category.customer_taxes.append(
            self.get('account.tax')(self.tax.id))
        self.category.save()

        Term = self.get('account.invoice.payment_term')

        def term(name, days):
            record = Term(name=name)
            line = record.lines.new(type='remainder')
            if days:
                line.relativedeltas.new(days=days)
            record.save()
            return record
        self.net30, self.immediate = term("Net 30", 30), term("Immediate", 0)

        cash = self.find_one('account.account', ('code', '=', '1.1.1'))
        self.payment_method = self.new('account.invoice.payment.method',
            name="Bank transfer",
            journal=self.find_one('account.journal', ('type', '=', 'cash')),
            credit_account=cash, debit_account=cash)

    def products(self):
        self.unit = self.find_one('product.uom', ('name', '=', "Unit"))
        self.product = {}
        for code, name, price in [
                ('CHR-100', "Office chair", '120.00'),
                ('DSK-200', "Standing desk", '480.00'),
                ('LMP-300', "Desk lamp", '35.00'),
                ('MON-400', "Monitor arm", '89.00'),
                ('CAB-500', "Filing cabinet", '210.00'),
                ]:
            self.product[code] = self._product(code, name, price, 'goods')

    def _product(self, code, name, price, type_):
        template = self.get('product.template')(
            name=name, code=code, default_uom=self.unit, type=type_,
            salable=True, list_price=Decimal(price),
            account_category=self.category)
        if type_ == 'goods':
            # Ship on the same day: without it the default lead time applies.
            template.lead_time = dt.timedelta(0)
        template.save()
        product, = template.products
        product.cost_price = Decimal(price) / 2
        product.save()
        return product

    def carriers(self):
        service = self._product('SHIP', "Transport", '15.00', 'service')
        self.carrier = {}
        for name in ("FastFreight", "ParcelPlus"):
            self.carrier[name] = self.new('carrier',
                party=self.new('party.party', name=name),
                carrier_product=service)
            self.new('carrier.selection', carrier=self.carrier[name])
        self.box = self.new('stock.package.type', name="Carton")

    def customers(self):
        self.customer = {}
        for code, name, city, limit in [
                ('C-NORTH', "Northwind Outfitters", "Gent", 50000),
                ('C-HARBOR', "Blue Harbor Hotels", "Oostende", 10000),
                ('C-MEDIC', "Castell Medical", "Brugge", 3000),
                ('C-SCHOOL', "Ridge School District", "Leuven", None),
                ('C-STUDIO', "Studio Okapi", "Brussel", 2000),
                ]:
            party = self.get('party.party')(name=name, code=code)
            party.addresses[0].street_unstructured = "Main street 1"
            party.addresses[0].city = city
            contact = party.contact_mechanisms.new()
            contact.type = 'email'
            contact.value = code.lower().replace('-', '.') + '@example.com'
            party.customer_payment_term = self.net30
            if limit is not None:
                party.credit_limit_amount = Decimal(limit)
            party.save()
            self.customer[code] = party

    def users(self):
        """A read-mostly user for the gateway, and its REST API key.

        Tryton's standard groups do not include a pure reader: these groups
        give read access to sales, stock, invoices, and may also write.
        """
        User = self.get('res.user')
        reader = User(name="Gateway", login=READER_LOGIN)
        reader.password = READER_PASSWORD
        reader.companies.append(
            self.get('company.company')(self.the_company.id))
        reader.company = self.get('company.company')(self.the_company.id)
        for xml_id in [
                'sale.group_sale', 'stock.group_stock',
                'account.group_account']:
            reader.groups.append(self.by_xml_id('res.group', xml_id))
        reader.save()
        self.new('res.user.application',
            key=REST_KEY, user=reader, application='rest')

    def stock_receipts(self):
        """Receive goods.  CAB-500 stays out of stock on purpose."""
        def location(code):
            return self.find_one('stock.location', ('code', '=', code))
        self.location = {
            c: location(c) for c in ('WH', 'SUP', 'STO', 'OUT', 'CUS')}
        for code, quantity in [
                ('CHR-100', 200), ('DSK-200', 60), ('LMP-300', 300),
                ('MON-400', 40)]:
            move = self.get('stock.move')(
                product=self.product[code], unit=self.unit,
                quantity=quantity,
                from_location=self.location['SUP'],
                to_location=self.location['STO'],
                planned_date=self.day(-120), effective_date=self.day(-120),
                unit_price=self.product[code].cost_price,
                currency=self.currency)
            move.save()
            move.click('do')

    # ----------------------------------------------------------------------
    # Orders
    # ----------------------------------------------------------------------

    def seed_orders(self):
        for scenario in SCENARIOS:
            scenario = dict(scenario)
            label = scenario.pop('label')
            until = scenario.pop('until', 'done')
            finish = scenario.pop('finish', None)
            invoice = scenario.pop('invoice', 'post')
            pay = scenario.pop('pay', None)
            claim = scenario.pop('claim', None)
            after = scenario.pop('after', None)
            sale = self.create_sale(**scenario)
            self.progress_sale(sale, until)
            if finish:
                getattr(self, finish)(sale)
            sale.reload()
            self.orders.append({
                    'label': label, 'sale': sale, 'invoice': invoice,
                    'pay': pay, 'claim': claim, 'after': after})
            logger.info("%-26s %s %s", label, sale.number, sale.state)

    def create_sale(
            self, customer, lines, day, reference=None,
            carrier='FastFreight', invoice_method='order'):
        sale = self.get('sale.sale')(party=self.customer[customer])
        sale.reference = reference
        sale.sale_date = self.day(day)
        sale.payment_term = self.net30
        sale.invoice_method = invoice_method
        sale.carrier = self.carrier[carrier]
        # "order": transport is one more line of the sale.
        sale.shipment_cost_method = 'order'
        for code, quantity in lines:
            line = sale.lines.new()
            line.product = self.product[code]
            line.quantity = quantity
        sale.save()
        return sale

    def progress_sale(self, sale, until):
        if until == 'draft':
            return
        sale.click('quote')
        if until == 'quotation':
            return
        if until == 'cancelled':
            sale.click('cancel')
            return
        if until == 'credit_hold':
            self.expect_credit_hold(sale)
            return
        # Without a queue worker, confirming processes the sale at once:
        # the state "confirmed" is never seen from outside.
        sale.click('confirm')
        sale.reload()
        for shipment in sale.shipments:
            # Tryton plans from today on; these orders are older.  The date
            # can be changed in draft only: the server enforces it.
            shipment.click('draft')
            shipment.planned_date = sale.sale_date + dt.timedelta(days=3)
            shipment.save()
            shipment.click('wait')
        if until == 'waiting':
            return
        shipment, = sale.shipments
        self.progress_shipment(shipment, until, sale.sale_date)

    def expect_credit_hold(self, sale):
        """Tryton has no "credit hold" state: it refuses to confirm."""
        from trytond.modules.account_credit_limit.exceptions import (
            CreditLimitWarning)
        try:
            sale.click('confirm')
        except CreditLimitWarning as refusal:
            logger.info("refused as expected: %s", refusal.message)
        else:
            raise AssertionError("the credit limit did not block the sale")

    def progress_shipment(self, shipment, until, start):
        """assign -> pick -> pack (with tracking) -> ship -> do"""
        shipment.click('assign_try')
        shipment.reload()
        if until == 'assigned':
            return
        shipment.click('pick')
        if until == 'picked':
            return
        self.pack(shipment)
        if until == 'packed':
            return
        shipment.click('ship')
        if until == 'shipped':
            return
        self.finish_shipment(shipment, start)

    def finish_shipment(self, shipment, start):
        # Tryton keeps the effective date that is set, or else uses today.
        # There is none before "done": "shipped" has no date of its own.
        shipment.effective_date = min(
            start + dt.timedelta(days=4), self.anchor)
        shipment.save()
        shipment.click('do')

    def pack(self, shipment):
        package = self.get('stock.package')(
            type=self.box, shipment=shipment)
        package.save()
        for move in shipment.outgoing_moves:
            package.moves.append(self.get('stock.move')(move.id))
        # Normally filled by a carrier module (DPD, UPS, Sendcloud, ...).
        digits = f'{shipment.id:010d}'
        prefix = 'FF' if shipment.carrier == self.carrier[
            'FastFreight'] else 'PP'
        package.shipping_reference = f'{prefix}{digits}-1'
        package.save()
        shipment.reload()
        shipment.shipping_reference = f'{prefix}{digits}'
        shipment.save()
        shipment.click('pack')

    # Special endings, named by the scenarios

    def backorder(self, sale):
        """Ship what is in stock: Tryton makes a new shipment for the rest."""
        shipment, = sale.shipments
        # The wizard stays open because something is missing.
        wizard = shipment.click('assign_wizard')
        wizard.execute('ignore')        # quantity 0 for what is missing
        shipment.reload()
        shipment.click('pick')
        self.pack(shipment)
        shipment.click('ship')
        self.finish_shipment(shipment, sale.sale_date)

    def split(self, sale):
        """Split the shipment in two, ship only the first."""
        shipment, = sale.shipments
        shipment.click('draft')
        wizard = shipment.click('split_wizard')
        second = shipment.outgoing_moves[-1]
        wizard.form.moves.append(self.get('stock.move')(second.id))
        wizard.execute('split')
        sale.reload()
        for each in sale.shipments:
            if each.state == 'draft':
                each.click('wait')
        shipment.reload()
        self.progress_shipment(shipment, 'shipped', sale.sale_date)

    def partly_assigned(self, sale):
        shipment, = sale.shipments
        shipment.click('assign_try')

    def cancel_shipment(self, sale):
        """shipment_state becomes "exception" until somebody handles it."""
        shipment, = sale.shipments
        shipment.click('cancel')

    # ----------------------------------------------------------------------
    # Invoices
    # ----------------------------------------------------------------------

    def post_invoices(self):
        """Post in date order: Tryton refuses to number backwards."""
        # Tryton warns about payment dates in the past: the user says yes.
        self.config.skip_warning = True
        todo = []
        for order in self.orders:
            sale = order['sale']
            sale.reload()
            if order['invoice'] == 'draft':
                continue
            for invoice in sale.invoices:
                if order['invoice'] == 'cancel':
                    invoice.click('cancel')
                    continue
                todo.append((sale.sale_date, sale.id, invoice))
        for date, _, invoice in sorted(todo, key=lambda t: t[:2]):
            invoice.invoice_date = date
            invoice.save()
            invoice.click('post')

    def pay_invoices(self):
        for order in self.orders:
            if not order['pay']:
                continue
            sale = order['sale']
            sale.reload()
            for invoice in sale.invoices:
                self.pay(invoice, Decimal(order['pay']))

    def pay(self, invoice, share):
        wizard = invoice.click('pay')
        wizard.form.payment_method = self.payment_method
        wizard.form.date = min(
            invoice.invoice_date + dt.timedelta(days=10), self.anchor)
        if share != 1:
            amount = (invoice.total_amount * share).quantize(Decimal('0.01'))
            wizard.form.amount = amount
        wizard.execute('choice')
        if share != 1:
            wizard.form.type = 'partial'
            wizard.execute('pay')

    # ----------------------------------------------------------------------
    # Complaints (claims)
    # ----------------------------------------------------------------------

    def seed_claims(self):
        def complaint_type(name, model):
            return self.new('sale.complaint.type', name=name,
                origin=self.find_one('ir.model', ('name', '=', model)))
        self.damaged = complaint_type("Damaged goods", 'sale.sale')
        self.billing = complaint_type("Billing", 'account.invoice')
        self.wrong_item = complaint_type("Wrong item", 'sale.line')
        for order in self.orders:
            if order['claim']:
                getattr(self, 'claim_' + order['claim'])(order['sale'])

    def _complaint(self, sale, origin, type_, text):
        complaint = self.get('sale.complaint')(
            customer=sale.party, type=type_, date=self.day(-1))
        complaint.origin = origin
        complaint.reference = sale.reference
        complaint.description = text
        return complaint

    def claim_draft(self, sale):
        self._complaint(
            sale, sale, self.damaged, "Customer called, no photos yet"
            ).save()

    def claim_waiting(self, sale):
        complaint = self._complaint(
            sale, sale, self.damaged, "Two chairs arrived with broken arms")
        complaint.actions.new(action='sale_return')
        complaint.save()
        complaint.click('wait')

    def claim_rejected(self, sale):
        complaint = self._complaint(
            sale, sale, self.damaged, "Damage reported after 90 days")
        complaint.save()
        complaint.click('wait')
        complaint.click('reject')

    def claim_return(self, sale):
        """Approve: Tryton makes a return sale; its return shipment follows."""
        complaint = self._complaint(
            sale, sale, self.damaged, "Wrong colour, take it back")
        action = complaint.actions.new(action='sale_return')
        line = action.sale_lines.new()
        line.line = sale.lines[0]
        line.quantity = 1
        complaint.save()
        complaint.click('wait')
        complaint.click('approve')
        action, = complaint.actions
        return_sale = action.result
        return_sale.sale_date = self.anchor
        return_sale.save()
        return_sale.click('quote')
        return_sale.click('confirm')
        return_sale.reload()
        shipment_return, = return_sale.shipment_returns
        shipment_return.click('receive')

    def claim_credit_note(self, sale):
        invoice, = sale.invoices
        complaint = self._complaint(
            sale, invoice, self.billing, "Price agreed by phone was lower")
        action = complaint.actions.new(action='credit_note')
        line = action.invoice_lines.new()
        line.line = invoice.lines[0]
        line.quantity = 1
        line.unit_price = Decimal('20')
        complaint.save()
        complaint.click('wait')
        complaint.click('approve')
        action, = complaint.actions
        credit_note = action.result
        credit_note.invoice_date = self.anchor
        credit_note.save()
        credit_note.click('post')

    def claim_line(self, sale):
        """A complaint about one line instead of the whole sale."""
        complaint = self._complaint(
            sale, sale.lines[0], self.wrong_item, "A lamp instead of a chair")
        complaint.save()
        complaint.click('wait')

    # ----------------------------------------------------------------------
    # What happens to finished orders
    # ----------------------------------------------------------------------

    def seed_afterwards(self):
        for order in self.orders:
            if order['after']:
                getattr(self, order['after'])(order['sale'])

    def refund(self, sale):
        """Credit an invoice and cancel it against its credit note."""
        sale.reload()
        invoice, = sale.invoices
        wizard = self.Wizard('account.invoice.credit', [invoice])
        wizard.form.with_refund = True
        wizard.form.invoice_date = self.anchor
        wizard.execute('credit')

    def take_back(self, sale):
        """Return a whole sale without any complaint, and put it on stock."""
        sale.reload()
        wizard = self.Wizard('sale.return_sale', [sale])
        wizard.execute('return_')
        return_sale, = self.get('sale.sale').find(
            [('origin', '=', f'sale.sale,{sale.id}')])
        return_sale.sale_date = self.anchor
        return_sale.save()
        return_sale.click('quote')
        return_sale.click('confirm')
        return_sale.reload()
        shipment_return, = return_sale.shipment_returns
        shipment_return.click('receive')
        shipment_return.click('do')

    # ----------------------------------------------------------------------

    def manifest(self):
        orders = []
        for order in self.orders:
            sale = order['sale']
            sale.reload()
            orders.append({
                    'label': order['label'],
                    'id': sale.id,
                    'number': sale.number,
                    'reference': sale.reference,
                    'customer': sale.party.code,
                    'state': sale.state,
                    'shipment_state': sale.shipment_state,
                    'invoice_state': sale.invoice_state,
                    'shipments': [
                        {'number': s.number, 'state': s.state}
                        for s in sale.shipments],
                    'invoices': [
                        {'number': i.number, 'state': i.state,
                            'total_amount': str(i.total_amount),
                            'amount_to_pay': str(i.amount_to_pay)}
                        for i in sale.invoices],
                    'complaint': order['claim'],
                    })
        return {
            'database': DATABASE,
            'anchor': self.anchor.isoformat(),
            'company': self.the_company.id,
            'users': {
                'admin': ADMIN_PASSWORD,
                READER_LOGIN: READER_PASSWORD,
                },
            'rest_key': REST_KEY,
            'customers': {
                code: party.id for code, party in self.customer.items()},
            'orders': orders,
            }


# One record per order.  ``day`` is relative to the anchor.  ``until`` is where
# the order stops, ``finish`` a Seeder method for the unusual endings.
SCENARIOS = [
    dict(label='paid-1', customer='C-NORTH', reference='PO-7001', day=-90,
        lines=[('CHR-100', 10), ('LMP-300', 10)], pay='1'),
    dict(label='paid-2', customer='C-HARBOR', reference='PO-7002', day=-80,
        lines=[('LMP-300', 40)], pay='1', carrier='ParcelPlus'),
    dict(label='paid-3', customer='C-SCHOOL', reference='PO-7003', day=-75,
        lines=[('DSK-200', 4), ('CHR-100', 4), ('MON-400', 4)], pay='1'),
    dict(label='overdue', customer='C-HARBOR', reference='PO-7004', day=-60,
        lines=[('DSK-200', 5)]),
    dict(label='overdue-small', customer='C-STUDIO', reference='PO-7005',
        day=-55, lines=[('LMP-300', 6)], carrier='ParcelPlus'),
    dict(label='partly-paid-overdue', customer='C-NORTH',
        reference='PO-7006', day=-50, lines=[('CHR-100', 20)], pay='0.4'),
    dict(label='delivered-not-due', customer='C-NORTH', reference='PO-7007',
        day=-12, lines=[('CHR-100', 5), ('MON-400', 5)]),
    dict(label='delivered-invoice-on-shipment', customer='C-SCHOOL',
        reference='PO-7008', day=-11, lines=[('LMP-300', 30)],
        invoice_method='fulfillment'),
    dict(label='delivered-invoice-draft', customer='C-SCHOOL',
        reference='PO-7009', day=-10, lines=[('CHR-100', 8)],
        invoice='draft'),
    dict(label='in-transit', customer='C-NORTH', reference='PO-7010', day=-4,
        lines=[('DSK-200', 2), ('LMP-300', 2)], until='shipped'),
    dict(label='in-transit-too-long', customer='C-HARBOR',
        reference='PO-7011', day=-25, lines=[('LMP-300', 12)],
        until='shipped', carrier='ParcelPlus'),
    dict(label='packed', customer='C-SCHOOL', reference='PO-7012', day=-3,
        lines=[('CHR-100', 12)], until='packed',
        invoice_method='fulfillment'),
    dict(label='picked', customer='C-NORTH', reference='PO-7013', day=-3,
        lines=[('MON-400', 3)], until='picked'),
    dict(label='assigned', customer='C-NORTH', reference='PO-7014', day=-2,
        lines=[('CHR-100', 6)], until='assigned'),
    dict(label='waiting-no-stock', customer='C-SCHOOL', reference='PO-7015',
        day=-15, lines=[('CAB-500', 4)], until='waiting',
        invoice_method='fulfillment'),
    dict(label='partly-assigned', customer='C-NORTH', reference='PO-7016',
        day=-5, lines=[('CHR-100', 2), ('CAB-500', 2)], until='waiting',
        finish='partly_assigned'),
    dict(label='backordered', customer='C-NORTH', reference='PO-7017',
        day=-9, lines=[('LMP-300', 10), ('CAB-500', 3)], until='waiting',
        finish='backorder', invoice_method='fulfillment'),
    dict(label='split-shipment', customer='C-NORTH', reference='PO-7018',
        day=-6, lines=[('CHR-100', 4), ('DSK-200', 1)], until='waiting',
        finish='split'),
    dict(label='draft', customer='C-SCHOOL', day=-1,
        lines=[('CHR-100', 1)], until='draft'),
    dict(label='quotation', customer='C-SCHOOL', reference='PO-7020', day=-1,
        lines=[('DSK-200', 3)], until='quotation'),
    dict(label='waiting-today', customer='C-SCHOOL', reference='PO-7021',
        day=0, lines=[('LMP-300', 5)], until='waiting'),
    dict(label='cancelled', customer='C-STUDIO', reference='PO-7022',
        day=-20, lines=[('LMP-300', 5)], until='cancelled'),
    dict(label='medical-open', customer='C-MEDIC', reference='PO-7023',
        day=-40, lines=[('DSK-200', 5)]),
    dict(label='credit-hold', customer='C-MEDIC', reference='PO-7024',
        day=-1, lines=[('CHR-100', 10)], until='credit_hold'),
    dict(label='shipment-exception', customer='C-NORTH',
        reference='PO-7025', day=-7, lines=[('LMP-300', 9)],
        until='waiting', finish='cancel_shipment'),
    dict(label='invoice-exception', customer='C-NORTH', reference='PO-7026',
        day=-8, lines=[('LMP-300', 4)], invoice='cancel'),
    dict(label='claim-draft', customer='C-NORTH', reference='PO-7027',
        day=-30, lines=[('CHR-100', 3)], claim='draft'),
    dict(label='claim-waiting', customer='C-HARBOR', reference='PO-7028',
        day=-18, lines=[('CHR-100', 2)], claim='waiting'),
    dict(label='claim-rejected', customer='C-NORTH', reference='PO-7029',
        day=-100, lines=[('CHR-100', 2)], pay='1', claim='rejected'),
    dict(label='claim-return', customer='C-NORTH', reference='PO-7030',
        day=-22, lines=[('LMP-300', 3)], claim='return'),
    dict(label='claim-credit-note', customer='C-SCHOOL',
        reference='PO-7031', day=-28, lines=[('CHR-100', 3)],
        claim='credit_note'),
    dict(label='same-po', customer='C-SCHOOL', reference='PO-7010', day=-2,
        lines=[('LMP-300', 1)], until='waiting',
        invoice_method='fulfillment'),
    dict(label='claim-line', customer='C-NORTH', reference='PO-7032',
        day=-14, lines=[('CHR-100', 1)], claim='line'),
    dict(label='refunded', customer='C-NORTH', reference='PO-7033', day=-13,
        lines=[('LMP-300', 2)], after='refund'),
    dict(label='taken-back', customer='C-NORTH', reference='PO-7034',
        day=-21, lines=[('MON-400', 1)], after='take_back'),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--dir', type=pathlib.Path, required=True)
    parser.add_argument('--port', type=int, default=8069)
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    logger.setLevel(logging.INFO)

    started = time.monotonic()
    conf = create_database(args.dir, args.port)
    logger.info("database created in %.1f s", time.monotonic() - started)
    started = time.monotonic()
    seeder = Seeder(conf, dt.date.today())
    seeder.run()
    manifest = seeder.manifest()
    (args.dir / 'manifest.json').write_text(
        json.dumps(manifest, indent=2) + '\n')
    close_database(args.dir)
    logger.info("%d orders seeded in %.1f s",
        len(manifest['orders']), time.monotonic() - started)


if __name__ == '__main__':
    main()
