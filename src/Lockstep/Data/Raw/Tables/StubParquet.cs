namespace Lockstep.Data.Raw.Tables;
internal static class ParquetTable { public static RawExamples Read(string path, Func<string, int, ColumnKind> kindOf, Func<byte[], string, Pixels> decode, TableReading reading) => throw new NotSupportedException(path + kindOf + decode + reading); }
