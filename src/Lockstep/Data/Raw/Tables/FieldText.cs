using System.Globalization;
using System.Text;
using csFastFloat;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Reads the fields of a table: numbers of the invariant culture, and words for missing values.</summary>
internal static class FieldText
{
    private const int MaxMissingBytes = 8;
    private const int MaxShortDigits = 9;

    /// <summary>Reads a field.</summary>
    /// <param name="field">UTF-8 text; blanks around it are ignored.</param>
    /// <param name="takesComma">Whether <c>1,5</c> is a number, as in tables whose separator is no comma.</param>
    /// <param name="value">Receives the number; NaN if it is none.</param>
    /// <returns>What the field is.</returns>
    public static FieldKind Read(ReadOnlySpan<byte> field, bool takesComma, out double value)
    {
        value = double.NaN;
        if (!field.IsEmpty && (field[0] <= ' ' || field[^1] <= ' '))
            field = field.Trim(" \t"u8);
        if (field.IsEmpty)
            return FieldKind.Missing;
        bool signed = field[0] is (byte)'-' or (byte)'+';
        ReadOnlySpan<byte> digits = signed ? field[1..] : field;
        bool negative = field[0] == '-';
        if (digits.IsEmpty)
            return FieldKind.Text;
        if (digits[0] is >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)',')
        {
            byte mark = takesComma && digits.Contains((byte)',') ? (byte)',' : (byte)'.';
            if (TryRead(digits, mark, out double magnitude))
            {
                if (!double.IsFinite(magnitude))
                    return FieldKind.NotFinite;
                value = negative ? -magnitude : magnitude;
                return FieldKind.Number;
            }
        }

        return IsMissing(field) ? FieldKind.Missing : IsInfinity(digits) ? FieldKind.NotFinite : FieldKind.Text;
    }

    private static bool TryRead(ReadOnlySpan<byte> digits, byte mark, out double value)
    {
        // Whole numbers of a few digits, such as pixels, are most of many tables.
        if (digits.Length <= MaxShortDigits)
        {
            int whole = 0;
            foreach (byte digit in digits)
            {
                uint number = (uint)(digit - '0');
                if (number > 9)
                    return TryReadAny(digits, mark, out value);
                whole = (10 * whole) + (int)number;
            }

            value = whole;
            return true;
        }

        return TryReadAny(digits, mark, out value);
    }

    private static bool TryReadAny(ReadOnlySpan<byte> digits, byte mark, out double value) =>
        FastDoubleParser.TryParseDouble(digits, out int read, out value, NumberStyles.Float, mark) && read == digits.Length;

    /// <summary>Whether a field is empty, a word that pandas takes for a missing value, or the question mark of older tables.</summary>
    /// <param name="field">UTF-8 text without blanks around it.</param>
    public static bool IsMissing(ReadOnlySpan<byte> field) => field.Length <= MaxMissingBytes && (
        field.IsEmpty || field.SequenceEqual("NA"u8) || field.SequenceEqual("NaN"u8) || field.SequenceEqual("nan"u8)
        || field.SequenceEqual("N/A"u8) || field.SequenceEqual("n/a"u8) || field.SequenceEqual("null"u8) || field.SequenceEqual("NULL"u8)
        || field.SequenceEqual("None"u8) || field.SequenceEqual("?"u8) || field.SequenceEqual("<NA>"u8) || field.SequenceEqual("#N/A"u8)
        || field.SequenceEqual("#NA"u8) || field.SequenceEqual("#N/A N/A"u8) || field.SequenceEqual("-NaN"u8)
        || field.SequenceEqual("-nan"u8) || field.SequenceEqual("1.#IND"u8) || field.SequenceEqual("-1.#IND"u8)
        || field.SequenceEqual("1.#QNAN"u8) || field.SequenceEqual("-1.#QNAN"u8));

    private static bool IsInfinity(ReadOnlySpan<byte> digits) =>
        Ascii.EqualsIgnoreCase(digits, "inf"u8) || Ascii.EqualsIgnoreCase(digits, "infinity"u8);
}
