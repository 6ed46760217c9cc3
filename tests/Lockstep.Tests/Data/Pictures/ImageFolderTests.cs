using Lockstep.Data;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Pictures;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_NumberedFiles_AreInTheirOldOrder()
    {
        Add("dog/10.png", "cat/2.png", "dog/1.jpg", "cat/9.PNG", "ant/3/11.png", "cat/10.png");

        var images = ImageFolder.Read(_folder.Path);

        Assert.Equal(["dog/1.jpg", "cat/2.png", "cat/9.PNG", "cat/10.png", "dog/10.png", "ant/3/11.png"], Names(images));
        var labels = Assert.IsType<TextValues>(images.Labels);
        Assert.Equal(["ant", "cat", "dog"], labels.Texts);
        Assert.Equal([2, 1, 1, 1, 2, 0], labels.Codes.ToArray());
        Assert.Equal((6, 0), (images.Count, labels.Missing));
        Assert.Equal([7], images.Read(3).Values);
    }

    [Theory]
    [InlineData("2.png", "10.png")]
    [InlineData("1.png", "01.png")]
    [InlineData("img2a.png", "img10a.png")]
    [InlineData("a.png", "b.png")]
    [InlineData("a", "a1")]
    [InlineData("99999999999999999999998.png", "99999999999999999999999.png")]
    [InlineData("a1b2", "a01b3")]
    public void Compare_Names_PutsTheFirstFirst(string first, string second)
    {
        Assert.True(NaturalOrder.Instance.Compare(first, second) < 0);
        Assert.True(NaturalOrder.Instance.Compare(second, first) > 0);
        Assert.Equal(0, NaturalOrder.Instance.Compare(first, first));
    }

    [Fact]
    public void Read_WhatSystemsLeaveBehind_IsAsIfItWereNotThere()
    {
        Add("cat/1.png", "cat/._1.png", "cat/.DS_Store", "cat/Thumbs.db", ".git/x.png", "__MACOSX/cat/1.png", "cat/.cache/2.png");

        var images = ImageFolder.Read(_folder.Path);

        Assert.Equal(["cat/1.png"], Names(images));
        Assert.Empty(images.PassedOver);
    }

    [Fact]
    public void Read_TextsBesideThePictures_ArePassedOver()
    {
        Add("cat/1.png");
        string[] texts = ["LICENSE", "README.md", "cat/about.txt", "cat/sub/x.json", "labels.csv"];
        _ = Directory.CreateDirectory(_folder.File("cat/sub"));
        foreach (string text in texts)
            _ = _folder.Write(text, "text");

        Assert.Equal(
            texts, ImageFolder.Read(_folder.Path).PassedOver.Select(path => path.Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_PicturesThatAreNotRead_AreRefusedByNameOrContent()
    {
        Add("cat/1.png", "cat/10.tif", "cat/2.tif", "dog/a.jpg", "top.png", "cat/sub/x");

        var error = Assert.Throws<DatasetException>(() => ImageFolder.Read(_folder.Path));

        Assert.Contains("3 pictures that are not read", error.Message, StringComparison.Ordinal);
        Assert.Contains("'cat/2.tif', 'cat/10.tif', 'cat/sub/x'.", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OtherFiles_AreToldInOneLine()
    {
        for (int i = 0; i < 12; i++)
            Add($"cat/{i}.png", $"dog/{i}.png");
        foreach (string name in new[] { "cat/README.md", "dog/notes.docx", "cat/.DS_Store", "dog/Thumbs.db" })
            _ = _folder.Write(name, "text");
        var notices = new List<string>();

        _ = await Datasets.ReadAsync(_folder.Path, notice: notices.Add);

        Assert.Contains("Passed over: 2 files that are no pictures (cat/README.md, dog/notes.docx).", notices);
    }

    [Fact]
    public void Read_FoldersWithoutPictures_AreTold()
    {
        Add("cat/1.png");
        Directory.CreateDirectory(_folder.File("ape"));
        Directory.CreateDirectory(_folder.File("bee"));
        _ = _folder.Write("ape/note.txt", "text");

        var images = ImageFolder.Read(_folder.Path);

        Assert.Equal(["ape", "bee"], images.EmptyClasses);
        Assert.Equal(["cat"], Assert.IsType<TextValues>(images.Labels).Texts);
    }

    [Fact]
    public void Read_NothingThere_SaysWhatIsExpected()
    {
        AssertRefused(_folder.Path, "no pictures in sub-folders");
        Directory.CreateDirectory(_folder.File("cat"));
        AssertRefused(_folder.Path, "no pictures in its 1 sub-folders");
        AssertRefused(_folder.File("none"), "there is no such folder");
        AssertRefused(_folder.Write("file", "x"), "it is a file");
    }

    [Fact]
    public void Read_PicturesBesideTheFoldersOfTheClasses_HaveNoClass()
    {
        Add("cat/1.png", "dog/2.png", "loose.png", "10.png", "9.png");

        var images = ImageFolder.Read(_folder.Path);

        Assert.True(ImageFolder.HasForm(_folder.Path));
        Assert.Equal(["cat/1.png", "dog/2.png"], Names(images));
        Assert.Equal(["9.png", "10.png", "loose.png"], images.Loose);
        Assert.Empty(images.PassedOver);
    }

    [SkippableFact]
    public void Read_LinksInALoop_Ends()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need rights on Windows.");
        Add("cat/1.png", "elsewhere/dog/2.png");
        string root = Directory.CreateDirectory(_folder.File("root")).FullName;
        _ = Directory.CreateSymbolicLink(Path.Combine(root, "cat"), _folder.File("cat"));
        _ = Directory.CreateSymbolicLink(Path.Combine(root, "dog"), "../elsewhere/dog");
        _ = Directory.CreateSymbolicLink(_folder.File("cat/up"), "..");
        _ = Directory.CreateSymbolicLink(_folder.File("cat/self"), ".");

        var images = ImageFolder.Read(root);

        // By way of 'up' and 'self' each picture is found once a class.
        Assert.Contains(images.NameOf(0), new[] { Path.Combine(root, "cat", "1.png") });
        Assert.InRange(images.Count, 2, 10);
    }

    [Fact]
    public void HasForm_Folders_AreToldApart()
    {
        Add("a/cat/1.png", "a/dog/2.jpg", "b/1.png", "c/readme.txt", "d/1.png", "d/thumbs/1.png", "e/cat/1.tif", "e/dog/2.tif");

        Assert.True(ImageFolder.HasForm(_folder.File("a")));
        Assert.False(ImageFolder.HasForm(_folder.File("b")));
        Assert.False(ImageFolder.HasForm(_folder.File("c")));
        Assert.True(ImageFolder.HasForm(_folder.Path)); // The classes b and d.
        Assert.False(ImageFolder.HasForm(_folder.File("d")));
        Assert.False(ImageFolder.HasForm(_folder.File("e")));
        Assert.True(ImageFolder.HasFormOfOthers(_folder.File("e")));
    }

    private void Add(params string[] files)
    {
        foreach (string file in files)
        {
            string path = _folder.File(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, TestPngs.OfGrey(1, 7));
        }
    }

    private string[] Names(RawImages images) =>
        [.. Enumerable.Range(0, images.Count).Select(
            i => Path.GetRelativePath(_folder.Path, images.NameOf(i)).Replace(Path.DirectorySeparatorChar, '/'))];

    private static void AssertRefused(string path, string expected) =>
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => ImageFolder.Read(path)).Message, StringComparison.Ordinal);
}
