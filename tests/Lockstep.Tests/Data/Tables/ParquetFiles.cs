using Parquet;
using Parquet.Schema;

namespace Lockstep.Lockstep.Tests.Data.Tables;

/// <summary>Writes Parquet files.</summary>
internal static class ParquetFiles
{
    /// <summary>A column: its field, and what writes the part of a row group.</summary>
    internal sealed record Column(Field Field, Func<ParquetRowGroupWriter, DataField, int, Task> Write);

    /// <summary>Numbers without missing ones.</summary>
    public static Column Of<T>(string name, params T[][] groups)
        where T : struct =>
        new(new DataField<T>(name), (writer, field, group) => writer.WriteAsync<T>(field, groups[group]));

    /// <summary>Numbers with missing ones.</summary>
    public static Column OfNullable<T>(string name, params T?[][] groups)
        where T : struct =>
        new(new DataField<T?>(name), (writer, field, group) => writer.WriteAsync<T>(field, groups[group].AsMemory()));

    /// <summary>Texts.</summary>
    public static Column Texts(string name, params string?[][] groups) =>
        new(new DataField<string>(name), (writer, field, group) => writer.WriteAsync(field, groups[group]!));

    /// <summary>Bytes.</summary>
    public static Column Bytes(string name, params byte[][][] groups) =>
        new(new DataField<byte[]>(name), (writer, field, group) => writer.WriteAsync(field, groups[group]));

    /// <summary>Any field.</summary>
    public static Column Any<T>(DataField field, params T[][] groups)
        where T : struct => new(field, (writer, data, group) => writer.WriteAsync<T>(data, groups[group]));

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="groups">Number of row groups.</param>
    /// <param name="columns">Its columns.</param>
    public static string Write(string path, int groups, params Column[] columns) =>
        Write(path, groups, CompressionMethod.Snappy, columns, [.. columns.Select(column => column.Field)]);

    /// <summary>Writes a file whose columns are parts of its fields.</summary>
    public static string Write(string path, int groups, CompressionMethod compression, Column[] columns, Field[] fields)
    {
        WriteAsync().GetAwaiter().GetResult();
        return path;

        async Task WriteAsync()
        {
            var schema = new ParquetSchema(fields);
            await using FileStream file = File.Create(path);
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(
                schema, file, new ParquetOptions { CompressionMethod = compression });
            for (int group = 0; group < groups; group++)
            {
                using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                foreach ((Column column, DataField field) in columns.Zip(schema.GetDataFields()))
                    await column.Write(rows, field, group);
            }
        }
    }
}
