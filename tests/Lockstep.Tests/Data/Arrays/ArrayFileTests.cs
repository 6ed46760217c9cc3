using System.IO.Compression;
using System.Text;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Model.Data;
using Lockstep.Shared.Tests.Files;
using Lockstep.Tests;
using static Lockstep.Lockstep.Tests.Data.Arrays.TestArrays;

namespace Lockstep.Lockstep.Tests.Data.Arrays;

public sealed class ArrayFileTests : IDisposable
{
    private static readonly byte[] TwoImages = Npy("|u1", "2, 1, 3", [1, 2, 3, 4, 5, 6]), TwoLabels = Npy("<i8", "2,", Long(7, 3));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")]
    [InlineData("X_train", "Y_train", "X_valid", "y_valid", "X_test", "y_test")]
    [InlineData("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels")]
    public void Read_KnownNames_GivesThreeParts(params string[] names)
    {
        RawParts parts = Read([.. names.Select((name, i) => ($"{name}.npy", i % 2 == 0 ? TwoImages : TwoLabels))]);

        foreach (RawExamples? part in new[] { parts.Training, parts.Validation, parts.Test })
        {
            var images = Assert.IsType<ByteImages>(part);
            Assert.Equal((2, 1, 3, 1), (images.Count, images.Height, images.Width, images.Channels));
            Assert.Equal([4, 5, 6], images.Read(1).Values);
            Assert.Equal([7, 3], Numbers(images.Labels));
            Assert.Contains("image 1 of", images.NameOf(1), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("images", "labels")]
    [InlineData("data", "labels")]
    [InlineData("X", "y")]
    [InlineData("data", "target")]
    public void Read_OneSet_IsForTraining(string values, string labels)
    {
        RawParts parts = Read((values + ".npy", TwoImages), (labels + ".npy", TwoLabels));

        Assert.Equal(2, parts.Training.Count);
        Assert.Null(parts.Validation);
        Assert.Null(parts.Test);
    }

    [Fact]
    public void Read_FolderOfNpy_IsTheSame()
    {
        File.WriteAllBytes(_folder.File("x_train.npy"), TwoImages);
        File.WriteAllBytes(_folder.File("y_train.npy"), TwoLabels);
        File.WriteAllBytes(_folder.File("._x_train.npy"), [1]);

        Assert.True(ArrayFile.HasForm(_folder.Path));
        Assert.Equal(2, Assert.IsType<ByteImages>(ArrayFile.Read(_folder.Path).Training).Count);
    }

    [Theory]
    [InlineData("|b1", new byte[] { 1, 0 }, 1, 0)]
    [InlineData("|i1", new byte[] { 255, 127 }, -1, 127)]
    [InlineData("|u1", new byte[] { 255, 127 }, 255, 127)]
    [InlineData("<i2", new byte[] { 254, 255, 1, 0 }, -2, 1)]
    [InlineData(">i2", new byte[] { 255, 254, 0, 1 }, -2, 1)]
    [InlineData("<u2", new byte[] { 254, 255, 1, 0 }, 65534, 1)]
    [InlineData("<i4", new byte[] { 254, 255, 255, 255, 1, 0, 0, 0 }, -2, 1)]
    [InlineData(">u4", new byte[] { 255, 255, 255, 254, 0, 0, 0, 1 }, 4294967294, 1)]
    [InlineData("<i8", new byte[] { 254, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0 }, -2, 1)]
    [InlineData(">u8", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 256, 1)]
    [InlineData("<f2", new byte[] { 0, 0x3c, 0, 0xc2 }, 1, -3)]
    [InlineData(">f4", new byte[] { 0x3f, 0x80, 0, 0, 0xc0, 0x40, 0, 0 }, 1, -3)]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 8, 0xc0 }, 1, -3)]
    public void Read_NumbersOfAnyType_AreTheirValues(string descr, byte[] values, double first, double second)
    {
        RawParts parts = Read(("x.npy", Npy(descr, "2, 1", values)), ("y.npy", Npy(descr, "2, 1", values)));

        var table = Assert.IsType<RawTable>(parts.Training);
        Assert.Equal(["x0", "label"], table.Columns.Select(column => column.Name));
        Assert.All(table.Columns, column => Assert.Equal([first, second], Numbers(column)));
    }

    [Fact]
    public void Read_FloatsOfAnyRank_AreColumnsInRowMajorOrder()
    {
        byte[] values = Of(1f, 2, 3, 4, float.NaN, 6, 7, 8);
        RawParts parts = Read(("x.npy", Npy("<f4", "2, 2, 2", values)), ("y.npy", TwoLabels));

        var table = Assert.IsType<RawTable>(parts.Training);
        Assert.Equal(["x0", "x1", "x2", "x3", "label"], table.Columns.Select(column => column.Name));
        Assert.Equal([2, 6], Numbers(table.Columns[1]));
        Assert.Equal([1, 0, 0, 0, 0], table.Columns.Select(column => column.Missing));
    }

    [Fact]
    public void Read_FortranOrder_IsTransposed()
    {
        byte[] images = Npy("|u1", "2, 1, 3", [1, 4, 2, 5, 3, 6], fortran: true);
        byte[] rows = Npy("<i4", "2, 3", Of(1, 4, 2, 5, 3, 6), fortran: true);

        Assert.Equal([4, 5, 6], Assert.IsType<ByteImages>(Read(("x.npy", images), ("y.npy", TwoLabels)).Training).Read(1).Values);
        var table = Assert.IsType<RawTable>(Read(("x.npy", rows), ("y.npy", TwoLabels)).Training);
        Assert.Equal([2, 5], Numbers(table.Columns[1]));
    }

    [Fact]
    public void Read_ChannelsFirst_ArePutLast()
    {
        byte[] images = Npy("|u1", "2, 3, 1, 2", [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);

        var read = Assert.IsType<ByteImages>(Read(("x.npy", images), ("y.npy", TwoLabels)).Training);

        Assert.Equal((1, 2, 3), (read.Height, read.Width, read.Channels));
        Assert.Equal([11, 13, 15, 12, 14, 16], read.Read(1).Values);
    }

    [Theory]
    [InlineData("<U3")]
    [InlineData(">U3")]
    [InlineData("|S3")]
    public void Read_LabelsOfText_AreTexts(string descr)
    {
        Encoding encoding = descr[1] == 'S' ? Encoding.UTF8 : new UTF32Encoding(descr[0] == '>', byteOrderMark: false);
        byte[] texts = [.. new[] { "cat", "a", "cat", "" }.SelectMany(text => encoding.GetBytes(text.PadRight(3, '\0')))];
        RawParts parts = Read(("x.npy", Npy("|u1", "4, 2", new byte[8])), ("y.npy", Npy(descr, "4,", texts)));

        var labels = Assert.IsType<TextValues>(Assert.IsType<RawTable>(parts.Training).Columns[^1]);
        Assert.Equal(["cat", "a"], labels.Texts);
        Assert.Equal([0, 1, 0, -1], labels.Codes.ToArray());
    }

    [Fact]
    public void Read_ArchiveMadeByHand_IsReadWithoutItsFolders() => Assert.Equal(2, Read(
        ("sub/", []), ("__MACOSX/._x.npy", [1]), ("x.npy", TwoImages), ("._y.npy", [1]), ("y.npy", TwoLabels)).Training.Count);

    [Fact]
    public void Read_UnknownNames_AreListedWithShapesAndWhatIsExpected() => AssertRefused(
        ["'arr_0' [2, 1, 3] of '|u1'", "'arr_1' [2] of '<i8'", "x_train and y_train", "X and y"],
        ("arr_0.npy", TwoImages), ("arr_1.npy", TwoLabels));

    [Fact]
    public void Read_ArraysThatDoNotFit_AreToldWithShapes()
    {
        AssertRefused(["'x_train' has the shape [2, 1, 3]", "'y_train' [3]"],
            ("x_train.npy", TwoImages), ("y_train.npy", Npy("|u1", "3,", new byte[3])));
        AssertRefused(["'x_train'", "not 'y_train'"], ("x_train.npy", TwoImages));
        AssertRefused(["'y_test'", "not 'x_test'"], ("x.npy", TwoImages), ("y.npy", TwoLabels), ("y_test.npy", TwoLabels));
        AssertRefused(["1 x 3 x 1", "rows of 2 numbers"], ("x_train.npy", TwoImages), ("y_train.npy", TwoLabels),
            ("x_test.npy", Npy("|u1", "2, 2", new byte[4])), ("y_test.npy", TwoLabels));
        AssertRefused(["[2, 2]", "argmax"], ("x.npy", TwoImages), ("y.npy", Npy("|u1", "2, 2", new byte[4])));
        AssertRefused(["no labels"], ("x.npy", Npy("|u1", "0, 2", [])), ("y.npy", Npy("|u1", "0,", [])));
        AssertRefused(["no examples"], ("x.npy", Npy("|u1", "2, 0", [])), ("y.npy", TwoLabels));
    }

    [Fact]
    public void Read_ValuesThatAreNoneToLearnFrom_AreRefused()
    {
        AssertRefused(["infinite value in row 1"], ("x.npy", Npy("<f4", "2, 1", Of(1f, float.NegativeInfinity))), ("y.npy", TwoLabels));
        AssertRefused(["infinite value in row 0"], ("x.npy", TwoImages), ("y.npy", Npy("<f4", "2,", Of(float.PositiveInfinity, 1))));
        AssertRefused(["pickled"], ("x.npy", Npy("|O", "2,", [1, 2])), ("y.npy", TwoLabels));
        AssertRefused(["'<c8'"], ("x.npy", Npy("<c8", "2,", new byte[16])), ("y.npy", TwoLabels));
        AssertRefused(["'<U99999999'"], ("x.npy", TwoImages), ("y.npy", Npy("<U99999999", "2,", [])));
        AssertRefused(["holds texts"], ("x.npy", Npy("|S1", "2,", [1, 2])), ("y.npy", TwoLabels));
        AssertRefused(["no valid text"], ("x.npy", TwoImages), ("y.npy", Npy("<U1", "2,", Of(0x110000, 1))));
    }

    [Fact]
    public void Read_HeaderThatPromisesMuchMoreThanThere_AllocatesLittle()
    {
        byte[] file = Npz(("x.npy", Npy("|u1", "1999999999,", [1, 2, 3])), ("y.npy", Npy("|u1", "3,", [1, 2, 3])));
        File.WriteAllBytes(_folder.File("a.npz"), file);
        long before = GC.GetAllocatedBytesForCurrentThread();

        _ = Assert.Throws<DatasetException>(() => ArrayFile.Read(_folder.File("a.npz")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        AssertRefused(["2,000,000,000"], ("x.npy", Npy("<f8", "999999999, 9", [])), ("y.npy", TwoLabels));
        AssertRefused(["2,000,000,000"], ("x.npy", Npy("<f8", "4294967296, 4294967296, 4294967296, 0", [])), ("y.npy", TwoLabels));
    }

    [SkippableFact]
    public void Read_NoFile_SaysSo()
    {
        AssertRefused(_folder.File("none.npz"), "does not exist");
        AssertRefused(_folder.Path, "has no arrays");
        AssertRefused(_folder.Write("text.npz", "hello"), "is a text; expected an archive of NumPy's arrays");
        Skip.IfNot(OperatingSystem.IsLinux(), "Pipes of Linux.");
        AssertRefused(NamedPipe.Make(_folder.File("pipe.npz")), "no regular file");
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Read_CutOrDamagedAnywhere_IsReadOrRefused(CompressionLevel level)
    {
        byte[] whole = Npz(level, ("x_train.npy", TwoImages), ("y_train.npy", Npy("<U1", "2,", Of('a', 'b'))));
        for (int length = 0; length < whole.Length; length++)
            Assert.False(IsRead(whole[..length]), $"{length} of {whole.Length} bytes");
        var random = new Random(17);
        for (int i = 0; i < 1000; i++)
        {
            byte[] changed = [.. whole];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            _ = IsRead(changed);
        }
    }

    [Fact]
    public void Read_NpyCutOrDamagedAnywhere_IsReadOrRefused()
    {
        File.WriteAllBytes(_folder.File("y.npy"), TwoLabels);
        var random = new Random(18);
        for (int i = 0; i < 1000; i++)
        {
            byte[] changed = i < TwoImages.Length ? TwoImages[..i] : [.. TwoImages, .. new byte[i % 2]];
            for (int changes = random.Next(0, 3); changes > 0 && changed.Length > 0; changes--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_folder.File("x.npy"), changed);
            bool isRead = IsRead(_folder.Path);
            Assert.False(isRead && i < TwoImages.Length, $"{i} bytes");
        }
    }

    private static byte[] Long(params long[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static double[] Numbers(RawColumn column)
    {
        double[] values = new double[column.Count];
        Assert.IsType<StridedNumbers>(column).CopyTo(0, values);
        Assert.IsType<StridedNumbers>(column).CopyTo(1, values.AsSpan(1));
        return values;
    }

    private bool IsRead(byte[] file)
    {
        File.WriteAllBytes(_folder.File("a.npz"), file);
        return IsRead(_folder.File("a.npz"));
    }

    private static bool IsRead(string path)
    {
        try
        {
            _ = ArrayFile.Read(path);
            return true;
        }
        catch (DatasetException)
        {
            return false;
        }
    }

    private RawParts Read(params (string Name, byte[] Content)[] entries)
    {
        File.WriteAllBytes(_folder.File("a.npz"), Npz(entries));
        return ArrayFile.Read(_folder.File("a.npz"));
    }

    private void AssertRefused(string[] expected, params (string Name, byte[] Content)[] entries)
    {
        string message = Assert.Throws<DatasetException>(() => Read(entries)).Message;
        Assert.All(expected, text => Assert.Contains(text, message, StringComparison.Ordinal));
    }

    private static void AssertRefused(string path, string expected) =>
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => ArrayFile.Read(path)).Message, StringComparison.Ordinal);
}
