using Lockstep.Cli.Images;
using Lockstep.Model.Data;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Images;

public sealed class ContactSheetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-sheet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_SomeClasses_ShowsARowPerClassDarkOnLight()
    {
        // Class 3 has two black images, class 12 has one grey one; class 3 is cut to one image a row in the second sheet.
        byte[] pixels = [.. Enumerable.Repeat((byte)255, 100), .. Enumerable.Repeat((byte)100, 100), .. Enumerable.Repeat((byte)255, 100)];
        var images = ImageSet.FromDense(pixels, [3, 12, 3], 10, 10);
        string path = Path.Combine(_folder, "sheet.png");

        ContactSheet.Write(images, path, imagesPerClass: 5, label => $"{label}");
        using SKBitmap sheet = Read(path);
        Assert.Equal(2 * 400, Count(sheet, grey: 0));
        Assert.Equal(400, Count(sheet, grey: 155));
        Assert.True(FirstRow(sheet, 0) < FirstRow(sheet, 155), "classes are in order, the smallest on top");

        ContactSheet.Write(images, path, imagesPerClass: 1, label => $"{label}");
        using SKBitmap shorter = Read(path);
        Assert.Equal(400, Count(shorter, grey: 0));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_TenClasses_GivesASheetOfTenRows()
    {
        string path = Path.Combine(_folder, "digits.png");

        ContactSheet.Write(MakeImages(400), path, imagesPerClass: 20, label => $"{label}");

        using SKBitmap sheet = Read(path);
        Assert.InRange(sheet.Width, 20 * 56, 20 * 56 + 100);
        Assert.InRange(sheet.Height, 10 * 56, 10 * 56 + 50);
    }

    [Fact]
    public void Write_FolderMissing_SaysSo()
    {
        string path = Path.Combine(_folder, "nowhere", "sheet.png");

        var exception = Assert.Throws<RequestException>(() => ContactSheet.Write(MakeImages(10), path, 1, label => $"{label}"));

        Assert.Contains($"'{path}': the folder does not exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FileCannotBeReplaced_KeepsItAndLeavesNothingBehind()
    {
        string path = Path.Combine(_folder, "taken");
        Directory.CreateDirectory(path);

        var exception = Assert.Throws<RequestException>(() => ContactSheet.Write(MakeImages(10), path, 1, label => $"{label}"));

        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.True(Directory.Exists(path));
    }

    private static ImageSet MakeImages(int count)
        => ImageSet.FromDense(new byte[count * 784], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10))], 28, 28);

    private static SKBitmap Read(string path) => SKBitmap.Decode(path);

    private static int Count(SKBitmap sheet, byte grey) => Positions(sheet, grey).Count();

    private static int FirstRow(SKBitmap sheet, byte grey) => Positions(sheet, grey).First();

    private static IEnumerable<int> Positions(SKBitmap sheet, byte grey)
        => from y in Enumerable.Range(0, sheet.Height)
           from x in Enumerable.Range(0, sheet.Width)
           let pixel = sheet.GetPixel(x, y)
           where pixel.Red == grey && pixel.Green == grey && pixel.Blue == grey
           select y;
}
