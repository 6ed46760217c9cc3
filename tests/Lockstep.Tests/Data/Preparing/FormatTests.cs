using System.Buffers.Binary;
using System.Text;
using Lockstep.Data;
using Lockstep.Lockstep.Tests.Data.Arrays;
using Lockstep.Lockstep.Tests.Data.Pictures;
using Lockstep.Lockstep.Tests.Data.Tables;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Training;

namespace Lockstep.Lockstep.Tests.Data.Preparing;

/// <summary>The same examples in every format are the same data set, and train to the same bytes.</summary>
public sealed class FormatTests : IDisposable
{
    private const int Side = 8, Pixels = Side * Side, Count = 120, Held = 24;

    private readonly OwnFiles _files = new();
    private readonly byte[] _pixels = new byte[(Count + Held) * Pixels];
    private readonly byte[] _labels = new byte[Count + Held];

    public FormatTests()
    {
        var random = new Random(3);
        for (int i = 0; i < _labels.Length; i++)
        {
            _labels[i] = (byte)(i % 4);
            for (int p = 0; p < Pixels; p++)
                _pixels[i * Pixels + p] = (byte)(random.Next(100) < (p / 16 == _labels[i] ? 70 : 15) ? random.Next(1, 256) : 0);
        }
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Images_InEveryFormat_GiveOneDataSetAndOneDigestOfWeights()
    {
        string[] paths = [Csv(), Npz(), Idx(), Pngs(), Parquet(), ParquetOfPictures()];

        Dataset[] data = [.. await Task.WhenAll(paths.Select(async path => (await OwnFiles.LoadAsync(path)).Data))];

        Assert.All(data, one =>
            Assert.StartsWith("004cd04aec807a06fe4a59b566e33b730e700cb8f4122b2037", one.Sha256, StringComparison.Ordinal));
        Assert.All(data, one => Assert.Equal(["0", "1", "2", "3"], one.Preparation!.Classes));
        Assert.All(data, one => Assert.Equal(new ImageSpec(Side, Side, 1, IsResized: false), one.Preparation!.Inputs));
        string[] weights = [.. await Task.WhenAll(data.Select(WeightsAsync))];
        Assert.All(weights, one => Assert.StartsWith("ec9867a812af6c022e120b2e015d12567e63abe5688acaf705", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Images_OfColours_AreRgbWhereverTheyStand()
    {
        string folder = Pngs();
        byte[] red = [.. Enumerable.Range(0, Side).SelectMany(
            _ => Enumerable.Repeat<byte[]>([255, 0, 0], Side).SelectMany(rgb => rgb).Prepend((byte)0))];
        System.IO.File.WriteAllBytes(
            System.IO.Path.Combine(folder, "train", "3", "999.png"), TestPngs.Make(Side, Side, 8, TestPngs.Colour, red));

        Dataset data = (await OwnFiles.LoadAsync(folder)).Data;
        Dataset grey = (await OwnFiles.LoadAsync(folder, new PreparationOptions { ImageSize = new ImageSize(Side, Side, 1) })).Data;

        Assert.Equal([Side, Side, 3], data.Training.Shape.Dimensions);
        byte[] pixels = new byte[3 * Pixels];
        ((ImageSet)data.Test).CopyPixels(0, pixels);
        Assert.All(pixels.Chunk(3), rgb => Assert.True(rgb[0] == rgb[1] && rgb[1] == rgb[2]));
        Assert.Equal([Side, Side, 1], grey.Training.Shape.Dimensions);
        Assert.Equal(data.Sha256, (await OwnFiles.LoadAsync(folder)).Data.Sha256);
    }

    [Fact]
    public async Task Images_OfOtherSizes_AreRefusedWithAnOptionThatResizes()
    {
        string folder = Pngs();
        string odd = System.IO.Path.Combine(folder, "train", "0", "500.png");
        System.IO.File.WriteAllBytes(odd, TestPngs.OfGrey(4, new byte[24]));

        string refused = await OwnFiles.RefusedAsync(folder);

        Assert.Contains($"500.png' has 6 x 4 pixels (height x width), but others have 8 x 8", refused);
        string size = refused[(refused.IndexOf("--image-size ", StringComparison.Ordinal) + 13)..].TrimEnd('.');
        Dataset data = (await OwnFiles.LoadAsync(folder, new PreparationOptions { ImageSize = ImageSize.Parse(size) })).Data;
        Assert.Equal(new ImageSpec(Side, Side, 1, IsResized: true), data.Preparation!.Inputs);
    }

    [Fact]
    public async Task Pixels_OfATable_AreWholeNumbersTo255()
    {
        string path = Csv();
        string[] lines = System.IO.File.ReadAllLines(System.IO.Path.Combine(path, "train.csv"));
        lines[17] = lines[17].Replace(",0,", ",256,", StringComparison.Ordinal);
        System.IO.File.WriteAllLines(System.IO.Path.Combine(path, "train.csv"), lines);

        string refused = await OwnFiles.RefusedAsync(path);

        Assert.Contains("line 18: the column 'pixel", refused);
        Assert.Contains("has 256; expected whole numbers from 0 to 255", refused);
    }

    [Fact]
    public async Task Folder_OfNothingKnown_SaysWhatIsThereAndWhatIsExpected()
    {
        _ = _files.Write("notes.txt", "no data");

        string refused = await OwnFiles.RefusedAsync(_files.Path);

        Assert.Contains("it has 'notes.txt'", refused);
        Assert.Contains("a folder of pictures for each class", refused);
        Assert.Contains("does not exist", await OwnFiles.RefusedAsync(_files.File("none.csv")));
        Assert.DoesNotContain("--image", refused);
        _ = _files.Write("1.png", "a picture");
        Assert.Contains("those to predict are given with --image", await OwnFiles.RefusedAsync(_files.Path));
    }

    [Fact]
    public async Task Pictures_OfOneClass_AreNotSentToTheColumnsOfATable()
    {
        _ = Directory.CreateDirectory(_files.File("pictures/cat"));
        foreach (string name in new[] { "1.png", "2.png" })
            _ = _files.Write($"pictures/cat/{name}", "a picture");

        string refused = await OwnFiles.RefusedAsync(_files.File("pictures"));

        Assert.Contains("has only the class 'cat'; expected at least two. Add examples of another class", refused);
        Assert.DoesNotContain("--label", refused);
    }

    [Fact]
    public async Task Pictures_OptionsOfColumns_AreToldToHaveNoMeaning()
    {
        LoadedDataset loaded = await OwnFiles.LoadAsync(Pngs(), new PreparationOptions { Label = "kind", Standardizes = false });

        Assert.Contains(loaded.Notices, notice => notice.StartsWith("--label, --scale have no meaning for '", StringComparison.Ordinal));
        Assert.DoesNotContain((await OwnFiles.LoadAsync(Pngs())).Notices, notice => notice.Contains("meaning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pictures_FolderWithoutOne_IsTold()
    {
        string folder = Pngs();
        _ = Directory.CreateDirectory(System.IO.Path.Combine(folder, "train", "nothing"));

        LoadedDataset loaded = await OwnFiles.LoadAsync(folder);

        Assert.Contains("The folder 'nothing' has no picture and is no class.", loaded.Notices);
    }

    private static async Task<string> WeightsAsync(Dataset data) => (await new Trainer(
        Models.Parse("64-16-4"), data, new TrainerOptions { BatchSize = 16, Epochs = 2 }).TrainAsync()).Model!.WeightsSha256;

    private static IEnumerable<(string Part, int First, int Count)> Parts() => [("train", 0, Count), ("test", Count, Held)];

    private ReadOnlySpan<byte> Image(int i) => _pixels.AsSpan(i * Pixels, Pixels);

    private string Csv()
    {
        string folder = Directory.CreateDirectory(_files.File("csv")).FullName;
        foreach ((string part, int first, int count) in Parts())
        {
            var text = new StringBuilder("label," + string.Join(',', Enumerable.Range(0, Pixels).Select(p => $"pixel{p}")) + "\n");
            for (int i = first; i < first + count; i++)
                _ = text.Append(_labels[i]).Append(',').AppendJoin(',', Image(i).ToArray()).Append('\n');
            System.IO.File.WriteAllText(System.IO.Path.Combine(folder, $"{part}.csv"), text.ToString());
        }

        return folder;
    }

    private string Npz()
    {
        System.IO.File.WriteAllBytes(_files.File("digits.npz"), TestArrays.Npz([.. Parts().SelectMany(part => new[]
        {
            ($"x_{part.Part}.npy", TestArrays.Npy(
                "|u1", $"{part.Count}, {Side}, {Side}", _pixels[(part.First * Pixels)..((part.First + part.Count) * Pixels)])),
            ($"y_{part.Part}.npy", TestArrays.Npy("|u1", $"{part.Count},", _labels[part.First..(part.First + part.Count)])),
        })]));
        return _files.File("digits.npz");
    }

    private string Idx()
    {
        string folder = Directory.CreateDirectory(_files.File("idx")).FullName;
        foreach ((string part, int first, int count) in Parts())
        {
            System.IO.File.WriteAllBytes(System.IO.Path.Combine(folder, $"{part}-images-idx3-ubyte"),
                [.. Header(0x803, count, Side, Side), .. _pixels[(first * Pixels)..((first + count) * Pixels)]]);
            System.IO.File.WriteAllBytes(System.IO.Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                [.. Header(0x801, count), .. _labels[first..(first + count)]]);
        }

        return folder;

        static byte[] Header(params int[] numbers)
        {
            byte[] bytes = new byte[4 * numbers.Length];
            for (int i = 0; i < numbers.Length; i++)
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
            return bytes;
        }
    }

    private string Pngs()
    {
        string folder = _files.File("png");
        foreach ((string part, int first, int count) in Parts())
        {
            for (int i = first; i < first + count; i++)
            {
                string inner = Directory.CreateDirectory(System.IO.Path.Combine(folder, part, $"{_labels[i]}")).FullName;
                System.IO.File.WriteAllBytes(System.IO.Path.Combine(inner, $"{i}.png"), TestPngs.OfGrey(Side, Image(i).ToArray()));
            }
        }

        return folder;
    }

    private string Parquet()
    {
        string folder = Directory.CreateDirectory(_files.File("parquet")).FullName;
        foreach ((string part, int first, int count) in Parts())
        {
            _ = ParquetFiles.Write(System.IO.Path.Combine(folder, $"{part}.parquet"), 1,
            [
                .. Enumerable.Range(0, Pixels).Select(p => ParquetFiles.Of(
                    $"pixel{p}", [[.. Enumerable.Range(first, count).Select(i => (int)_pixels[i * Pixels + p])]])),
                ParquetFiles.Of("label", [[.. Enumerable.Range(first, count).Select(i => (long)_labels[i])]]),
            ]);
        }

        return folder;
    }

    private string ParquetOfPictures()
    {
        string folder = Directory.CreateDirectory(_files.File("pictures")).FullName;
        foreach ((string part, int first, int count) in Parts())
        {
            _ = ParquetFiles.Write(System.IO.Path.Combine(folder, $"{part}.parquet"), 1,
                ParquetFiles.Bytes("image", [[.. Enumerable.Range(first, count).Select(i => TestPngs.OfGrey(Side, Image(i).ToArray()))]]),
                ParquetFiles.Of("label", [[.. Enumerable.Range(first, count).Select(i => (long)_labels[i])]]));
        }

        return folder;
    }
}
