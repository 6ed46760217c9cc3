using System.Globalization;
using Lockstep.Data.Raw;

namespace Lockstep.Lockstep.Tests.Data.Tables;

/// <summary>Tables as texts that tests compare.</summary>
internal static class TableTexts
{
    /// <summary>A line a column: name, <c>#</c> for numbers or <c>T</c> for texts, and the values; <c>_</c> where one is missing.</summary>
    public static string Of(RawTable table) =>
        string.Join("\n", table.Columns.Select(column => $"{column.Name} {Values(column)}"));

    /// <summary>Numbers of a column.</summary>
    public static double[] Numbers(RawColumn column)
    {
        double[] values = new double[column.Count];
        Assert.IsAssignableFrom<NumberValues>(column).CopyTo(0, values);
        return values;
    }

    private static string Values(RawColumn column)
    {
        if (column is TextValues texts)
        {
            int missing = 0;
            var values = new List<string>();
            foreach (int code in texts.Codes)
            {
                missing += code < 0 ? 1 : 0;
                values.Add(code < 0 ? "_" : texts.Texts[code]);
            }

            Assert.Equal(missing, texts.Missing);
            return "T " + string.Join("|", values);
        }

        double[] numbers = Numbers(column);
        Assert.Equal(numbers.Count(double.IsNaN), column.Missing);
        return "# " + string.Join(
            "|", numbers.Select(number => double.IsNaN(number) ? "_" : number.ToString("R", CultureInfo.InvariantCulture)));
    }
}
