using System.IO.Compression;
using System.Text;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Tables;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Tables;

/// <summary>What is read, where pandas' <c>read_csv</c> reads it too, and the few leniencies beyond.</summary>
public sealed class CsvTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Cases => new()
    {
        { "header", "a,b\n1,2\n3,4\n", "a # 1|3\nb # 2|4" },
        { "no header", "1,2\n3,4\n", "column1 # 1|3\ncolumn2 # 2|4" },
        { "no header, label last, as iris.data", "5.1,setosa\n4.9,other\n", "column1 # 5.1|4.9\ncolumn2 T setosa|other" },
        { "header over texts only", "size,colour\nbig,red\nsmall,blue\n", "size T big|small\ncolour T red|blue" },
        { "header with a number, over a column of numbers", "id,2020\n7,1\n8,2\n", "id # 7|8\n2020 # 1|2" },
        { "no last line end", "a,b\n1,2\n3,4", "a # 1|3\nb # 2|4" },
        { "CRLF", "a,b\r\n1,2\r\n3,4\r\n", "a # 1|3\nb # 2|4" },
        { "CR, as old spreadsheets write", "a,b\r1,2\r3,4\r", "a # 1|3\nb # 2|4" },
        { "blank lines", "\n\na,b\n\n1,2\n  \n3,4\n\n\n", "a # 1|3\nb # 2|4" },
        { "one column", "x\n1\n\n2\n", "x # 1|2" },
        { "semicolons", "a;b\n1;2\n3;4\n", "a # 1|3\nb # 2|4" },
        { "tabs", "a\tb\n1\t2\n3\t4\n", "a # 1|3\nb # 2|4" },
        { "bars", "a|b\n1|2\n3|4\n", "a # 1|3\nb # 2|4" },
        { "tabs with an empty first and last field", "a\tb\n\t2\n3\t\n", "a # _|3\nb # 2|_" },
        { "semicolons and decimal commas", "a;b\n1,5;x\n-2,25;y\n3;z\n", "a # 1.5|-2.25|3\nb T x|y|z" },
        { "semicolons and decimal commas without header", "1,5;2,5\n3,5;4\n", "column1 # 1.5|3.5\ncolumn2 # 2.5|4" },
        { "a text with semicolons", "1,2,a;b\n3,4,c;d\n", "column1 # 1|3\ncolumn2 # 2|4\ncolumn3 T a;b|c;d" },
        { "quotes", "a,b\n\"x,1\",2\n\"say \"\"hi\"\"\",4\n\"two\nlines\",6\n", "a T x,1|say \"hi\"|two\nlines\nb # 2|4|6" },
        { "quoted numbers", "\"a\",\"b\"\n\"1\",\"2\"\n\" 3 \",\"4\"\n", "a # 1|3\nb # 2|4" },
        { "quotes after blanks", "\"a\", \"b\"\n1, \"x,y\"\n2, \"z\"\n", "a # 1|2\nb T x,y|z" },
        { "a quote inside of a field", "a,b\n6\" pipe,1\n5\" pipe,2\n", "a T 6\" pipe|5\" pipe\nb # 1|2" },
        { "text behind a closing quote", "a,b\n\"x\"y,1\n\"z\",2\n", "a T xy|z\nb # 1|2" },
        { "blanks around fields", "a , b\n 1 ,\ty\n 3, x \n,  \n", "a # 1|3|_\nb T y|x|_" },
        { "blanks in quotes", "a,b\n\" x\",1\n\"x \",2\n", "a T  x|x \nb # 1|2" },
        { "comments before the header", "# made by a tool\n# at noon\na,b\n1,2\n3,4\n", "a # 1|3\nb # 2|4" },
        { "header of numpy.savetxt", "# a,b\n1.0e+00,2.0e+00\n3.0e+00,4.0e+00\n", "a # 1|3\nb # 2|4" },
        { "header that begins with a number sign", "#,Name\n1,Bulbasaur\n2,Ivysaur\n", "# # 1|2\nName T Bulbasaur|Ivysaur" },
        { "unnamed index, as pandas writes", ",x\n0,5\n1,6\n", "column1 # 0|1\nx # 5|6" },
        { "signs, points, exponents", "a\n+1\n-1.5\n.5\n5.\n1e3\n1E-2\n-0\n00012\n", "a # 1|-1.5|0.5|5|1000|0.01|-0|12" },
        { "digits of doubles", "a\n0.1\n1.7976931348623157e308\n5e-324\n123456789012345678\n",
            "a # 0.1|1.7976931348623157E+308|5E-324|1.2345678901234568E+17" },
        { "booleans", "a,b\ntrue,1\nfalse,2\n", "a T true|false\nb # 1|2" },
        { "words for missing numbers", "a,b\n1,1\nNA,1\n?,1\nNaN,1\nnull,1\nNone,1\nN/A,1\n#N/A,1\n<NA>,1\n,1\n-1.#IND,1\n\"\",1\n",
            "a # 1|_|_|_|_|_|_|_|_|_|_|_\nb # 1|1|1|1|1|1|1|1|1|1|1|1" },
        { "words for missing texts", "a,b\nx,1\nNA,1\n?,1\nnan,1\n,1\n\"\",1\nna,1\n", "a T x|_|_|_|_|_|na\nb # 1|1|1|1|1|1|1" },
        { "a column without values", "a,b\n1,\n2,NA\n", "a # 1|2\nb # _|_" },
        { "texts among which a third are numbers", "a\nx\n1\ny\nz\n", "a T x|1|y|z" },
        { "a text that is infinite elsewhere", "a\nx\ninf\ny\nz\n", "a T x|inf|y|z" },
        { "letters of all languages", "größe,色\n1,赤\n2,青\n", "größe # 1|2\n色 T 赤|青" },
        { "negative zero is kept", "a\n-0.0\n0\n", "a # -0|0" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_Table_IsAsWritten(string what, string text, string expected)
    {
        RawTable table = Read(text);

        Assert.True(expected == TableTexts.Of(table), $"{what}:\nexpected\n{expected}\ngot\n{TableTexts.Of(table)}");
    }

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes("é,b\n1,ü\n") },
        { "UTF-8 with mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes("é,b\n1,ü\n")] },
        { "UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("é,b\n1,ü\n")] },
        { "UTF-16, big end first", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("é,b\n1,ü\n")] },
        { "gzip", Gzip(Encoding.UTF8.GetBytes("é,b\n1,ü\n")) },
        { "gzip of UTF-16", Gzip([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("é,b\n1,ü\n")]) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_Encoding_IsFound(string what, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File("table.csv"), bytes);

        string table = TableTexts.Of(CsvTable.Read(_folder.File("table.csv"), (_, _) => ColumnKind.Automatic));

        Assert.True(table == "é # 1\nb T ü", $"{what}: {table}");
    }

    [Fact]
    public void Read_KindsOfColumns_AreAsAsked()
    {
        RawTable table = CsvTable.Read(
            _folder.Write("table.csv", "zip,price,note\n0123,1.5,a\n0456,2.5,b\n"),
            (name, position) => (name, position) switch
            {
                ("zip", 0) => ColumnKind.Texts,
                ("price", 1) => ColumnKind.Numbers,
                ("note", 2) => ColumnKind.Ignored,
                _ => throw new ArgumentException(name),
            });

        Assert.Equal("zip T 0123|0456\nprice # 1.5|2.5", TableTexts.Of(table));
    }

    [Fact]
    public void Read_TextsFarBelowNumbers_AreReadAsTexts()
    {
        string rows = string.Concat(Enumerable.Range(0, 1500).Select(row => $"{row}\n"))
            + string.Concat(Enumerable.Range(0, 1600).Select(row => $"t{row % 3}\n"));

        TextValues column = Assert.IsType<TextValues>(Read("a\n" + rows).Columns[0]);

        Assert.Equal((3100, 1503, "0", "t0"), (column.Count, column.Texts.Count, column.Texts[0], column.Texts[1500]));
    }

    [Fact]
    public void PlaceOf_RowsOverSeveralLinesAndBlankLines_IsTheLine()
    {
        RawTable table = Read("a,b\n1,x\n\n2,\"y\nz\"\n3,w\n");

        Assert.Equal(["line 2", "line 4", "line 6"], Enumerable.Range(0, 3).Select(table.PlaceOf));
    }

    [Fact]
    public void CopyTo_AnyRange_IsThePartOfTheColumn()
    {
        string text = "a\n" + string.Concat(Enumerable.Range(0, 500).Select(row => row % 50 < 25 ? $"{row % 256}\n" : $"{row}.5\n"));
        RawColumn column = CsvTable.Read(
            _folder.Write("table.csv", text), (_, _) => ColumnKind.Automatic, new TableReading { BlockBytes = 64 }).Columns[0];
        double[] all = TableTexts.Numbers(column);

        for (int first = 0; first <= 500; first += 7)
        {
            double[] part = new double[Math.Min(60, 500 - first)];
            ((NumberValues)column).CopyTo(first, part);
            Assert.Equal(all[first..(first + part.Length)], part);
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(row => row % 50 < 25 ? row % 256 : row + 0.5), all);
    }

    [Fact]
    public void Read_Progress_EndsWithTheWholeFile()
    {
        string path = _folder.Write("table.csv", "a\n" + string.Concat(Enumerable.Repeat("12345\n", 1000)));
        var seen = new List<(long, long)>();

        _ = CsvTable.Read(
            path, (_, _) => ColumnKind.Automatic, new TableReading { BlockBytes = 1000, Progress = (read, all) => seen.Add((read, all)) });

        Assert.True(seen.Count > 3);
        Assert.Equal((6002, 6002), seen[^1]);
    }

    [Fact]
    public void Read_Cancelled_Throws() => Assert.Throws<OperationCanceledException>(() => CsvTable.Read(
        _folder.Write("table.csv", "a\n1\n"), (_, _) => ColumnKind.Automatic, new TableReading { Cancellation = new(canceled: true) }));

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private RawTable Read(string text) => CsvTable.Read(_folder.Write("table.csv", text), (_, _) => ColumnKind.Automatic);
}
