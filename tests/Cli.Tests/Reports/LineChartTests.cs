using System.Xml.Linq;
using Lockstep.Cli.Reports;

namespace Lockstep.Cli.Tests.Reports;

public class LineChartTests
{
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void Draw_ValueThatIsNotDrawn_IsAGap(double missing)
    {
        var figure = XElement.Parse(LineChart.Draw(
            "loss", "epoch", [1, 2, 3, 4, 5], [new LineChart.Series("training", [5, 4, missing, 2, 1])], value => $"{value}"));

        XElement[] lines = [.. figure.Descendants().Where(
            element => element.Name.LocalName == "path" && (string?)element.Attribute("stroke") == "#1D4ED8")];
        Assert.Equal(2, lines.Length);
        Assert.Equal(4, figure.Descendants().Count(element => element.Name.LocalName == "ellipse"));
    }

    [Fact]
    public void Draw_NothingToDraw_IsAFigureAllTheSame()
    {
        var figure = XElement.Parse(
            LineChart.Draw("loss", "epoch", [1], [new LineChart.Series("training", [double.NaN])], value => $"{value}"));

        Assert.Equal("loss", figure.Element("figcaption")!.Value);
    }
}
