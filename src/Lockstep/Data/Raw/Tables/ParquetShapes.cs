namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// The structures of Parquet's metadata (parquet.thrift): number and type of each field. <c>i</c> is an integer of any width, <c>y</c> a
/// byte, <c>b</c> a boolean, <c>d</c> a double, <c>s</c> bytes, <c>[x]</c> a list of x; others are structures.
/// </summary>
internal static class ParquetShapes
{
    private static readonly Dictionary<string, Dictionary<int, string>> Shapes = new Dictionary<string, string>
    {
        ["FileMetaData"] = "1:i 2:[SchemaElement] 3:i 4:[RowGroup] 5:[KeyValue] 6:s 7:[ColumnOrder] 8:Encryption 9:s",
        ["SchemaElement"] = "1:i 2:i 3:i 4:s 5:i 6:i 7:i 8:i 9:i 10:LogicalType",
        ["LogicalType"] = "1:Empty 2:Empty 3:Empty 4:Empty 5:Decimal 6:Empty 7:Time 8:Time 10:Integer 11:Empty 12:Empty 13:Empty 14:Empty "
            + "15:Empty 16:Variant 17:Geography 18:Geography",
        ["Decimal"] = "1:i 2:i",
        ["Time"] = "1:b 2:TimeUnit",
        ["TimeUnit"] = "1:Empty 2:Empty 3:Empty",
        ["Integer"] = "1:y 2:b",
        ["Variant"] = "1:y",
        ["Geography"] = "1:s 2:i",
        ["Empty"] = "",
        ["RowGroup"] = "1:[ColumnChunk] 2:i 3:i 4:[SortingColumn] 5:i 6:i 7:i",
        ["SortingColumn"] = "1:i 2:b 3:b",
        ["ColumnChunk"] = "1:s 2:i 3:ColumnMetaData 4:i 5:i 6:i 7:i 8:Crypto 9:s",
        ["ColumnMetaData"] = "1:i 2:[i] 3:[s] 4:i 5:i 6:i 7:i 8:[KeyValue] 9:i 10:i 11:i 12:Statistics 13:[PageEncodingStats] 14:i 15:i "
            + "16:SizeStatistics 17:GeospatialStatistics",
        ["Statistics"] = "1:s 2:s 3:i 4:i 5:s 6:s 7:b 8:b",
        ["PageEncodingStats"] = "1:i 2:i 3:i",
        ["SizeStatistics"] = "1:i 2:[i] 3:[i]",
        ["GeospatialStatistics"] = "1:BoundingBox 2:[i]",
        ["BoundingBox"] = "1:d 2:d 3:d 4:d 5:d 6:d 7:d 8:d",
        ["KeyValue"] = "1:s 2:s",
        ["ColumnOrder"] = "1:Empty",
        ["Encryption"] = "1:Aes 2:Aes",
        ["Aes"] = "1:s 2:s 3:b",
        ["Crypto"] = "1:Empty 2:ColumnKey",
        ["ColumnKey"] = "1:[s] 2:s",
        ["PageHeader"] = "1:i 2:i 3:i 4:i 5:DataPage 6:Empty 7:DictionaryPage 8:DataPageV2",
        ["DataPage"] = "1:i 2:i 3:i 4:i 5:Statistics",
        ["DictionaryPage"] = "1:i 2:i 3:b",
        ["DataPageV2"] = "1:i 2:i 3:i 4:i 5:i 6:i 7:b 8:Statistics",
    }.ToDictionary(
        shape => shape.Key,
        shape => shape.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split(':')).ToDictionary(
            field => int.Parse(field[0], System.Globalization.CultureInfo.InvariantCulture), field => field[1]));

    /// <summary>Type of a field; null for one that is not known.</summary>
    public static string? TypeOf(string shape, int field) => Shapes[shape].GetValueOrDefault(field);
}
